import { describe, expect, test } from 'vitest';
import { whoJudges } from '../../src/domain/break-glass/who-judges.ts';
import { type Draft, draft } from '../../src/domain/draft.ts';
import type { GrantId } from '../../src/domain/ids.ts';
import type { Policy } from '../../src/domain/policy/policy.ts';
import { approvedDrafts } from '../../src/domain/request/approve.ts';
import { coveredUntilMs } from '../../src/domain/request/cover.ts';
import { decideCancel, decideCutOff, decideTicketSweep } from '../../src/domain/request/cut-off.ts';
import { dueAtMs } from '../../src/domain/request/due.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideOpen } from '../../src/domain/request/open.ts';
import { decidePassTime } from '../../src/domain/request/pass-time.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { currentStage, groupsOfStage, reviewRight } from '../../src/domain/request/stage.ts';
import type { GrantState, RequestState } from '../../src/domain/request/state.ts';
import { grantStatus, requestStatus } from '../../src/domain/request/status.ts';
import { decideSubmit } from '../../src/domain/request/submit.ts';
import { ordersPolicy } from '../orders-policy.ts';
import {
  approved,
  ended,
  found,
  granted,
  grantOf,
  ofMaya,
  opened,
  openInput,
  opening,
  POLICY,
  RULE,
  reviewed,
  reviewInput,
  revokeRequested,
  rule,
  scope,
  statement,
  submitInput,
  submitted,
  TARGET,
  ticketsOf,
} from './cases.ts';
import { folded, given, NOON_MS, stateAfter, told } from './story.ts';

const HOUR_MS = 3_600_000;
const HALF_HOUR_MS = 1_800_000;

const cutOff = (grant = 'g-1'): Draft =>
  draft('countersign.grant.cut-off.v1', 'request/r-1', grant, {
    request: 'r-1',
    grant,
    cause: 'person-left',
    about: 'p-maya',
    channel: 'introspection',
  });
const personLeft = { cause: 'person-left', about: 'p-maya' } as const;
const cut = (state: RequestState, nowMs = NOON_MS) =>
  decideCutOff({ state, channel: 'introspection', nowMs, causeFor: () => personLeft });

describe('for several people and places', () => {
  const places = { people: ['p-maya', 'p-omar'], targets: [TARGET, 'other'] };
  const twoByTwo = stateAfter(requestFold, [submitted(places)]);
  const input = reviewInput({
    state: twoByTwo,
    statement: statement(places),
    tickets: ticketsOf(found(), 'maya', 'omar'),
  });

  test('one sign-off makes a grant for each person on each place, in the order asked for', () => {
    const { events } = decideReview(input);
    const made = events.filter(({ type }) => type === 'countersign.request.approved.v1');
    expect(made.map(({ body }) => body)).toMatchObject([
      { grant: 'g-1', person: 'p-maya', target: TARGET },
      { grant: 'g-2', person: 'p-maya', target: 'other' },
      { grant: 'g-3', person: 'p-omar', target: TARGET },
      { grant: 'g-4', person: 'p-omar', target: 'other' },
    ]);
    expect(told({ events }).events.slice(0, 4)).toEqual([
      'ticket.checked',
      'ticket.checked',
      'factor.used',
      'request.reviewed',
    ]);
  });

  test('one person who is in no ticket keeps all of them out', () => {
    const [first, second] = ticketsOf(found(), 'maya', 'omar');
    const none = { person: 'p-omar', check: found({ part: 'none' }) };
    if (first === undefined || second === undefined) throw new Error('too few');
    expect(told(decideReview({ ...input, tickets: [first, none] })).refusal).toBe('ticket-fits-the-rule');
  });

  test('too few ids for the grants is a defect, and no half of an approval', () => {
    expect(() => decideReview({ ...input, grants: ['g-1', 'g-2', 'g-3'] as GrantId[] })).toThrow(/4 grants/);
  });

  test('each grant has its own clock, end and status; the request shows the one that matters most', () => {
    const drafts = [
      submitted(places),
      approved(),
      approved({ grant: 'g-2', person: 'p-omar' }),
      opening('s-1'),
      opened('s-1'),
    ];
    const state = stateAfter(requestFold, [...drafts, ended()]);
    expect(Object.values(state.grants).map((grant) => grantStatus(grant, NOON_MS))).toEqual([
      'revoking',
      'approved',
    ]);
    expect(requestStatus(state, NOON_MS)).toBe('approved');
    expect(requestStatus(state, NOON_MS + HOUR_MS)).toBe('revoking');
  });
});

describe('a start that lies ahead', () => {
  const startMs = NOON_MS + HOUR_MS;
  const grants = ['g-1'] as const;
  const approving = {
    request: 'r-1',
    grants,
    people: ['p-maya'],
    targets: [TARGET],
    rule,
    policyDigest: POLICY,
    ruleDigest: RULE,
    scope,
    seconds: 1800,
    startMs,
  } as const;
  const grantAt = (nowMs: number): GrantState =>
    grantOf(stateAfter(requestFold, [submitted(), ...approvedDrafts({ ...approving, nowMs })], nowMs));

  test('is scheduled to the millisecond before, then approved, then over when nobody used it', () => {
    const grant = grantAt(NOON_MS);
    const at = (ms: number) => grantStatus(grant, ms);
    expect([at(NOON_MS), at(startMs - 1), at(startMs)]).toEqual(['scheduled', 'scheduled', 'approved']);
    expect([at(startMs + HOUR_MS - 1), at(startMs + HOUR_MS)]).toEqual(['approved', 'expired']);
  });

  test('approved late begins at the approval', () => {
    expect(grantAt(startMs)).toMatchObject({ startsAtMs: null, activateByMs: startMs + HOUR_MS });
    expect(grantAt(startMs - 1)).toMatchObject({ startsAtMs: startMs, activateByMs: startMs + HOUR_MS });
  });

  test('a change’s window is looked at for the start, when asking and when approving', () => {
    const repair = { ...rule, ticket: ordersPolicy.tickets['change'] ?? null };
    const window = { from_ms: startMs, to_ms: startMs + 1000 };
    const tickets = ofMaya(found({ project: 'CHG', state: 'approved', part: 'assignee', window }));
    const scheduled = { ...repair, waiting: { ...rule.waiting, schedule_seconds: 7200 } };
    const asked = (at: number | null) => ({ ...submitInput().asked, startMs: at });
    const ask = (at: number | null) =>
      told(decideSubmit(submitInput({ rule: scheduled, tickets, asked: asked(at) }))).refusal;
    expect([ask(null), ask(startMs), ask(startMs + 1000)]).toEqual([
      'ticket-fits-the-rule',
      undefined,
      'ticket-fits-the-rule',
    ]);
    const review = (at: number | null) => {
      const state = stateAfter(requestFold, [submitted({ start_ms: at })]);
      const signed = statement({ start_ms: at });
      return told(decideReview(reviewInput({ rule: scheduled, tickets, state, statement: signed }))).refusal;
    };
    expect([review(null), review(startMs)]).toEqual(['ticket-fits-the-rule', undefined]);
  });
});

describe('an extension', () => {
  const running = granted(opening('s-1'), opened('s-1'));
  const extended = { state: running, grant: grantOf(running) };
  const asked = { ...submitInput().asked, extends: 'g-1' };

  test('is asked for from the end of its grant, whatever a policy says of schedules', () => {
    const { events } = decideSubmit(submitInput({ asked, extended }));
    expect(events.at(-1)?.body).toMatchObject({
      start_ms: NOON_MS + HALF_HOUR_MS,
      extends: { request: 'r-1', grant: 'g-1' },
    });
  });

  test('opens under a grant that ran out or was ended early, and under none that was taken away', () => {
    const under = (...drafts: readonly Draft[]) =>
      told(decideOpen(openInput({ extended: grantOf(granted(...drafts)) }))).refusal;
    expect(under(opening('s-1'), opened('s-1'))).toBeUndefined();
    expect(under(opening('s-1'), opened('s-1'), ended())).toBeUndefined();
    expect(under(opening('s-1'), opened('s-1'), cutOff())).toBe('extended-grant-was-not-revoked');
    expect(under(revokeRequested())).toBe('extended-grant-was-not-revoked');
  });
});

describe('who may decide', () => {
  const stages = [
    { people: 1, from: 'leads', escalate: { after_seconds: 900, to: 'security' } },
    { people: 1, from: 'admins', escalate: { after_seconds: 60, to: 'security' } },
  ];
  const first = stateAfter(requestFold, [submitted({ stages })]);

  test('the wait of a stage counts from its own turn, not from the ask', () => {
    const stage = currentStage(first);
    if (stage === undefined) throw new Error('no stage');
    expect(groupsOfStage(stage, NOON_MS + 899_999)).toEqual(['leads']);
    expect(groupsOfStage(stage, NOON_MS + 900_000)).toEqual(['leads', 'security']);
    const later = NOON_MS + HOUR_MS;
    const second = currentStage(requestFold.evolve(first, folded(reviewed(), 9, later)));
    if (second === undefined) throw new Error('no second stage');
    expect([second.stage, groupsOfStage(second, later + 59_999)]).toEqual([1, ['admins']]);
    expect(groupsOfStage(second, later + 60_000)).toEqual(['admins', 'security']);
  });

  test('right says why: the group’s own, escalation, or delegation of either; a delegate of a delegate has none', () => {
    const stage = currentStage(first);
    if (stage === undefined) throw new Error('no stage');
    const day = { from: '2026-05-04', until: '2026-05-04' };
    const delegates = [
      { for: 'leads', to: 'deputies', ...day },
      { for: 'security', to: 'guards', ...day },
      { for: 'deputies', to: 'interns', ...day },
    ];
    const right = (group: string, ms = 0) => reviewRight(stage, [group], delegates, NOON_MS + ms);
    expect([right('leads'), right('security'), right('deputies'), right('guards'), right('interns')]).toEqual(
      ['stage', undefined, 'delegation', undefined, undefined],
    );
    expect([right('security', 900_000), right('guards', 900_000)]).toEqual(['escalation', 'delegation']);
    const midnight = Date.UTC(2026, 4, 5) - NOON_MS;
    expect([right('deputies', midnight - 1), right('deputies', midnight)]).toEqual(['delegation', undefined]);
  });
});

describe('what the broker ends by itself', () => {
  test('a grant nobody used is gone at once; one with a session when the session is', () => {
    expect(told(cut(granted())).events).toEqual(['grant.cut-off', 'grant.revoke-confirmed']);
    const used = [submitted(), approved(), opening('s-1'), opened('s-1')];
    given(requestFold, used).when(cut).gives('grant.cut-off');
    const state = stateAfter(requestFold, [...used, cutOff()]);
    expect(grantOf(state).cutOff).toEqual(personLeft);
    expect(requestStatus(state, NOON_MS)).toBe('revoking');
    const due = dueAtMs(state) ?? 0;
    expect(told(decidePassTime(state, due)).events).toEqual(['grant.revoke-confirmed']);
  });

  test.each<[string, RequestState]>([
    ['ended', granted(ended())],
    ['revoked', granted(revokeRequested())],
    ['cut off', granted(cutOff())],
    ['run out', granted()],
    ['pending', stateAfter(requestFold, [submitted()])],
  ])('what is %s is left alone', (what, state) => {
    expect(cut(state, what === 'run out' ? NOON_MS + HOUR_MS : NOON_MS).events).toEqual([]);
  });

  test('only the grants that have a cause end', () => {
    const state = stateAfter(requestFold, [
      submitted(),
      approved(),
      approved({ grant: 'g-2', person: 'p-omar' }),
    ]);
    const causeFor = ({ person }: GrantState) => (person === 'p-omar' ? personLeft : undefined);
    const { events } = decideCutOff({ state, channel: 'x', nowMs: NOON_MS, causeFor });
    expect(new Set(events.map(({ subject }) => subject))).toEqual(new Set(['g-2']));
  });

  test('a pending request of whoever left is cancelled, and nothing else is', () => {
    const cancel = (state: RequestState, nowMs = NOON_MS) =>
      told(decideCancel({ state, whoLeft: 'p-maya', nowMs })).events;
    const pending = stateAfter(requestFold, [submitted()]);
    expect(cancel(pending)).toEqual(['request.cancelled']);
    expect(cancel(pending, pending.reviewByMs)).toEqual([]);
    expect(cancel(granted())).toEqual([]);
    const [event] = decideCancel({ state: pending, whoLeft: 'p-maya', nowMs: NOON_MS }).events;
    const cancelled = event && requestFold.evolve(pending, folded(event, 9));
    expect(cancelled && requestStatus(cancelled, NOON_MS)).toBe('cancelled');
  });

  const closing = {
    ...rule,
    ticket: rule.ticket && { ...rule.ticket, closing: 'ends-grants' as const },
  };
  const sweep = (more: Partial<Parameters<typeof decideTicketSweep>[0]> = {}) =>
    told(
      decideTicketSweep({
        state: granted(),
        rule: closing,
        tickets: ofMaya(found({ state: 'closed' })),
        channel: 'introspection',
        nowMs: NOON_MS,
        ...more,
      }),
    ).events;

  test('a ticket in another state than the rule asks for ends what rests on it', () => {
    const all = ['ticket.checked', 'grant.cut-off', 'grant.revoke-confirmed'];
    expect(sweep()).toEqual(all);
    expect(sweep({ tickets: ofMaya(found({ state: 'approved' })) })).toEqual(all);
  });

  test.each<[string, Parameters<typeof sweep>[0]]>([
    ['a ticket that is as it was', { tickets: ofMaya(found()) }],
    ['a source that does not answer', { tickets: ofMaya({ kind: 'unavailable', because: 'x' }) }],
    ['a ticket that its source does not know', { tickets: ofMaya({ kind: 'none' }) }],
    ['a ticket whose name was erased', { tickets: ofMaya({ kind: 'not-given' }) }],
    ['a policy that does not say so', { rule }],
    ['an entitlement that is gone', { rule: undefined }],
    ['a grant that is over', { state: granted(ended()) }],
    ['the ticket of somebody else', { tickets: ticketsOf(found({ state: 'closed' }), 'omar') }],
  ])('%s ends nothing', (_, more) => {
    expect(sweep(more)).toEqual([]);
  });
});

describe('until when an access can be had', () => {
  const grant = (more: Partial<GrantState> = {}): GrantState => ({ ...grantOf(granted()), ...more });
  const extension = (of: string, id: GrantId, more: Partial<GrantState> = {}) => ({
    extends: of,
    grant: grant({ grant: id, ...more }),
  });
  const running = grant({ endsAtMs: NOON_MS + 60_000 });

  test('one that was not used yet lasts its whole time from this second, or from its start, on', () => {
    expect(coveredUntilMs(grant(), [], NOON_MS + 999)).toBe(NOON_MS + HALF_HOUR_MS);
    expect(coveredUntilMs(grant(), [], NOON_MS + 1000)).toBe(NOON_MS + 1000 + HALF_HOUR_MS);
    const scheduled = grant({ startsAtMs: NOON_MS + HOUR_MS, activateByMs: NOON_MS + 2 * HOUR_MS });
    expect(coveredUntilMs(scheduled, [], NOON_MS)).toBe(NOON_MS + HOUR_MS + HALF_HOUR_MS);
  });

  test('one that runs lasts to its end; one that is over, no longer', () => {
    expect(coveredUntilMs(running, [], NOON_MS)).toBe(NOON_MS + 60_000);
    expect(coveredUntilMs(running, [], NOON_MS + 60_000)).toBeNull();
    expect(coveredUntilMs(grant({ endedAtMs: NOON_MS }), [], NOON_MS)).toBeNull();
  });

  test('extensions carry it on, one after the other, as long as none leaves a gap or was taken away', () => {
    const next = extension('g-1', 'g-2', { startsAtMs: NOON_MS + 60_000, seconds: 600 });
    const last = extension('g-2', 'g-3', { startsAtMs: NOON_MS + 660_000, seconds: 60 });
    expect(coveredUntilMs(running, [next], NOON_MS)).toBe(NOON_MS + 660_000);
    expect(coveredUntilMs(running, [next, last], NOON_MS)).toBe(NOON_MS + 720_000);
    const gap = extension('g-1', 'g-2', { startsAtMs: NOON_MS + 60_001 });
    expect(coveredUntilMs(running, [gap], NOON_MS)).toBe(NOON_MS + 60_000);
    const revoked = extension('g-1', 'g-2', { startsAtMs: NOON_MS + 60_000, revokeRequestedAtMs: NOON_MS });
    expect(coveredUntilMs(running, [revoked, last], NOON_MS)).toBe(NOON_MS + 60_000);
    expect(coveredUntilMs(running, [last], NOON_MS)).toBe(NOON_MS + 60_000);
  });
});

describe('an emergency is judged by', () => {
  const { operator } = ordersPolicy.entitlements;
  if (operator === undefined || operator.break_glass === null) throw new Error('the policy has changed');
  const use = { reviewFrom: 'guards', entitlement: 'operator' };
  const listed = (...people: readonly (readonly [string, string | null])[]) => ({
    idp: null,
    issuer: null,
    until: null,
    people: people.map(([person, until]) => ({ person, until })),
  });
  const judged = (more: Partial<Policy>) => whoJudges({ ...ordersPolicy, ...more }, use, 'p-maya', NOON_MS);
  const withGuards = (guards: Policy['groups'][string]) => ({ groups: { ...ordersPolicy.groups, guards } });

  test('those it was used under, while they are anybody else', () => {
    expect(judged(withGuards({ idp: 'guards', issuer: null, until: null }))).toBe('guards');
    expect(judged(withGuards(listed(['p-maya', null], ['p-omar', null])))).toBe('guards');
  });

  test.each<[string, Policy['groups'][string]]>([
    ['are past their last day', { idp: 'guards', issuer: null, until: '2026-05-03' }],
    ['list nobody', listed()],
    ['list nobody but whoever had it', listed(['p-maya', null])],
    ['list somebody else until yesterday', listed(['p-maya', null], ['p-omar', '2026-05-03'])],
  ])('those of today, when those of then %s', (_, guards) => {
    expect(judged(withGuards(guards))).toBe('security');
  });

  test('those of today, when the group is gone, and the administrators when the entitlement is gone, too', () => {
    expect(judged({})).toBe('security');
    expect(judged({ entitlements: {} })).toBe('admins');
    expect(judged({ entitlements: { operator: { ...operator, break_glass: null } } })).toBe('admins');
  });

  test('nobody under another login of whoever had it', () => {
    const guards = withGuards(listed(['p-maya-home', null]));
    expect(judged(guards)).toBe('guards');
    expect(judged({ ...guards, humans: { maya: ['p-maya', 'p-maya-home'] } })).toBe('security');
  });
});

test('what is sent is what was approved, and ends with the grant, or nothing is sent', () => {
  const sent = (more: object) =>
    openInput({
      prepare: (grant, endsAtMs) => ({
        ...openInput().prepare(grant, endsAtMs),
        ...more,
      }),
    });
  const refusal = (more: object) => told(decideOpen(sent(more))).refusal;
  expect(refusal({})).toBeUndefined();
  expect(refusal({ scope: scope.toReversed() })).toBeUndefined();
  for (const more of [
    { scope: undefined },
    { scope: [] },
    { scope: scope.slice(1) },
    { scope: [...scope, { action: 'batches.burn', resource: '*' }] },
    { scope: scope.map((one) => ({ ...one, resource: '*' })) },
    { earliestEndMs: NOON_MS + HALF_HOUR_MS + 1 },
  ])
    expect(refusal(more)).toBe('session-fits-the-provider');
});
