import { expect, test } from 'vitest';
import { decideBreakGlassReview } from '../../src/domain/break-glass/review.ts';
import { breakGlassFold, overdueUses } from '../../src/domain/break-glass/state.ts';
import { type Draft, draft } from '../../src/domain/draft.ts';
import type { FoldedEvent } from '../../src/domain/fold.ts';
import {
  attemptsFold,
  attemptsStreams,
  factorUseFold,
  personFold,
  signInFold,
} from '../../src/domain/person/state.ts';
import { logFold, policyFold } from '../../src/domain/policy-change/state.ts';
import { refusalsFold, refusalsStream } from '../../src/domain/refusal.ts';
import { dueAtMs } from '../../src/domain/request/due.ts';
import { decideConfirm, decideEnd } from '../../src/domain/request/end.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideOpen } from '../../src/domain/request/open.ts';
import { decidePassTime } from '../../src/domain/request/pass-time.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { decideRevoke, revokeRight } from '../../src/domain/request/revoke.ts';
import { decideSettle, type Settlement } from '../../src/domain/request/settle.ts';
import type { RequestState } from '../../src/domain/request/state.ts';
import { requestStatus } from '../../src/domain/request/status.ts';
import { decideSubmit } from '../../src/domain/request/submit.ts';
import { decideWithdraw } from '../../src/domain/request/withdraw.ts';
import { ticketFold } from '../../src/domain/ticket/state.ts';
import {
  actor,
  approved,
  breakGlassReviewInput,
  confirmed,
  emergency,
  ended,
  expired,
  failed,
  granted,
  grantOf,
  opened,
  openInput,
  opening,
  requestExpired,
  reviewed,
  reviewInput,
  revokeRequested,
  rule,
  scope,
  statement,
  submitInput,
  submitted,
  withdrawn,
} from './cases.ts';
import { folded, given, NOON_MS, stateAfter, told } from './story.ts';

const HALF_HOUR_MS = 1_800_000;
const HOUR_MS = 3_600_000;
const REVIEW_MS = 28_800_000;

test.each<[string, readonly Draft[], readonly (readonly [number, string])[]]>([
  [
    'a request',
    [submitted()],
    [
      [REVIEW_MS - 1, 'pending'],
      [REVIEW_MS, 'expired'],
    ],
  ],
  [
    'a denied one',
    [submitted(), reviewed({ verdict: 'deny' })],
    [
      [0, 'denied'],
      [REVIEW_MS, 'denied'],
    ],
  ],
  ['one taken back', [submitted(), withdrawn()], [[0, 'withdrawn']]],
  ['one nobody decided', [submitted(), requestExpired()], [[REVIEW_MS, 'expired']]],
  [
    'a grant',
    [submitted(), approved()],
    [
      [HOUR_MS - 1, 'approved'],
      [HOUR_MS, 'expired'],
    ],
  ],
  [
    'a grant being opened',
    [submitted(), approved(), opening('s-1')],
    [
      [HALF_HOUR_MS - 1, 'active'],
      [HALF_HOUR_MS, 'ended'],
    ],
  ],
  [
    'a grant in use',
    [submitted(), approved(), opening('s-1'), opened('s-1')],
    [
      [HALF_HOUR_MS - 1, 'active'],
      [HALF_HOUR_MS, 'ended'],
    ],
  ],
  [
    'a grant whose only opening certainly failed',
    [submitted(), approved(), opening('s-1'), failed('s-1', true)],
    [
      [HOUR_MS - 1, 'activation-failed'],
      [HOUR_MS, 'expired'],
    ],
  ],
  [
    'a grant whose opening may have failed',
    [submitted(), approved(), opening('s-1'), failed('s-1', false)],
    [
      [0, 'active'],
      [HALF_HOUR_MS, 'ended'],
    ],
  ],
  ['a grant that ran out unused', [submitted(), approved(), expired()], [[0, 'expired']]],
  [
    'a grant that ran out',
    [submitted(), approved(), opening('s-1'), opened('s-1'), expired()],
    [[0, 'ended']],
  ],
  [
    'a grant ended, something issued alive',
    [submitted(), approved(), opening('s-1'), opened('s-1'), ended()],
    [[0, 'revoking']],
  ],
  [
    'a grant ended',
    [submitted(), approved(), ended(), confirmed()],
    [
      [0, 'ended'],
      [HOUR_MS, 'ended'],
    ],
  ],
  [
    'a grant revoked, not yet carried out',
    [submitted(), approved(), revokeRequested()],
    [
      [0, 'revoking'],
      [HOUR_MS, 'revoking'],
    ],
  ],
  [
    'a grant revoked',
    [submitted(), approved(), revokeRequested(), confirmed()],
    [
      [0, 'revoked'],
      [HOUR_MS, 'revoked'],
    ],
  ],
])('%s says what it is at each boundary', (_, drafts, moments) => {
  const state = stateAfter(requestFold, drafts);
  expect(moments.map(([after]) => [after, requestStatus(state, NOON_MS + after)])).toEqual(moments);
});

/** Begins an hour later, and has an hour from then to be used. */
const scheduled = (): RequestState =>
  stateAfter(requestFold, [
    submitted({ start_ms: NOON_MS + HOUR_MS }),
    reviewed(),
    approved({ starts_at_ms: NOON_MS + HOUR_MS, activate_by_ms: NOON_MS + 2 * HOUR_MS }),
  ]);
const cutOff = (): Draft =>
  draft('countersign.grant.cut-off.v1', 'request/r-1', 'g-1', {
    request: 'r-1',
    grant: 'g-1',
    cause: 'ticket-closed',
    about: null,
    channel: 'introspection',
  });
const cancelled = (): Draft =>
  draft('countersign.request.cancelled.v1', 'request/r-1', 'r-1', {
    request: 'r-1',
    cause: 'person-left',
    about: 'p-maya',
  });

const states: readonly (readonly [string, RequestState])[] = [
  ['pending', stateAfter(requestFold, [submitted()])],
  ['denied', stateAfter(requestFold, [submitted(), reviewed({ verdict: 'deny' })])],
  ['withdrawn', stateAfter(requestFold, [submitted(), withdrawn()])],
  ['expired', stateAfter(requestFold, [submitted(), requestExpired()])],
  ['approved', granted()],
  ['being opened', granted(opening('s-1'))],
  ['active', granted(opening('s-1'), opened('s-1'))],
  ['activation-failed', granted(opening('s-1'), failed('s-1', true))],
  ['uncertain', granted(opening('s-1'), failed('s-1', false))],
  ['ended with a session alive', granted(opening('s-1'), opened('s-1'), ended())],
  ['revoked while being opened', granted(opening('s-1'), revokeRequested())],
  ['ended, its opening then failed', granted(opening('s-1'), ended(), failed('s-1', true))],
  ['revoked and confirmed while being opened', granted(opening('s-1'), revokeRequested(), confirmed())],
  ['revoked', granted(revokeRequested(), confirmed())],
  ['ended', granted(ended(), confirmed())],
  ['run out', granted(expired())],
  ['scheduled', scheduled()],
  ['cut off with a session alive', granted(opening('s-1'), opened('s-1'), cutOff())],
  ['cut off and confirmed', granted(cutOff(), confirmed())],
  ['cancelled', stateAfter(requestFold, [submitted(), cancelled()])],
];

test.each(states)(
  '%s: time changes nothing a millisecond before it is due, and something when it is, until nothing is due',
  (_, start) => {
    let state = start;
    for (let rounds = 0; rounds < 5; rounds++) {
      const due = dueAtMs(state);
      if (due === null) return;
      if (due > NOON_MS) expect(decidePassTime(state, due - 1).events).toEqual([]);
      const { events } = decidePassTime(state, due);
      expect(events.length).toBeGreaterThan(0);
      const later: number = due;
      state = events.reduce(
        (before, one, at) => requestFold.evolve(before, folded(one, 90 + at, later)),
        state,
      );
    }
    expect.unreachable('time is never done with it');
  },
);

test.each(states)('%s: what time wrote says nothing else than what was told before', (_, state) => {
  for (const after of [0, 60_000, HALF_HOUR_MS, HOUR_MS, REVIEW_MS]) {
    const nowMs = NOON_MS + after;
    const { events } = decidePassTime(state, nowMs);
    const written = events.reduce(
      (before, one, at) => requestFold.evolve(before, folded(one, 90 + at, nowMs)),
      state,
    );
    const meant = requestStatus(state, nowMs);
    const now = requestStatus(written, nowMs);
    // A revocation that expiry completed may be seen as complete.
    expect(meant === 'revoking' ? ['revoking', 'revoked', 'ended'] : [meant]).toContain(now);
  }
});

test.each(states)('%s: what is over stays over, whatever is tried', (name, state) => {
  if (state.grants['g-1'] === undefined) return;
  const status = requestStatus(state, NOON_MS);
  const usable = ['scheduled', 'approved', 'active', 'activation-failed'].includes(status);
  const grant = grantOf(state);
  const tried = {
    end: told(decideEnd({ state, grant, nowMs: NOON_MS })).refusal,
    revoke: told(revoke(state, 'administrator')).refusal,
    review: told(decideReview(reviewInput({ state }))).refusal,
    withdraw: told(decideWithdraw({ state, nowMs: NOON_MS })).refusal,
  };
  const over = usable ? undefined : 'conflict';
  expect(tried).toEqual({ end: over, revoke: over, review: 'request-is-pending', withdraw: 'conflict' });
  const open = told(decideOpen(openInput({ session: 's-9' }, state))).refusal;
  const refused = { 'being opened': 'conflict', scheduled: 'grant-has-begun' }[name];
  expect(open).toBe(usable ? refused : 'grant-is-usable');
});

const revoke = (state: RequestState, right: 'administrator' | undefined) =>
  decideRevoke({
    actor: actor('ann'),
    groups: ['admins'],
    state,
    grant: grantOf(state),
    right,
    channel: 'introspection',
    reason: 'x',
    refusals: { count: 0 },
    nowMs: NOON_MS,
  });

test('a request against a ticket is asked for, approved, opened', () => {
  expect(told(decideSubmit(submitInput())).events).toEqual([
    'ticket.checked',
    'factor.used',
    'request.submitted',
  ]);
  given(requestFold, [submitted()])
    .when((state) => decideReview(reviewInput({ state })))
    .gives('ticket.checked', 'factor.used', 'request.reviewed', 'request.approved');
  given(requestFold, [submitted(), reviewed(), approved()])
    .when((state) => decideOpen(openInput({}, state)))
    .gives('ticket.checked', 'session.opening');
});

test('a renewal on the same device rests on the factor of the first session; another device needs its own', () => {
  const nowMs = NOON_MS + 1_000_000;
  const running = given(requestFold, [submitted(), reviewed(), approved(), opening('s-1'), opened('s-1')]);
  const here = actor('maya', { claimsAtMs: nowMs });
  running
    .when((state) => decideOpen(openInput({ nowMs, actor: here }, state)))
    .gives('ticket.checked', 'session.opening');
  const elsewhere = { ...here, keyThumbprint: 'another' };
  running
    .when((state) => decideOpen(openInput({ nowMs, actor: elsewhere }, state)))
    .isRefusedBy('factor-is-proved');
  const uncertain = given(requestFold, [
    submitted(),
    reviewed(),
    approved(),
    opening('s-1'),
    failed('s-1', false),
  ]);
  uncertain
    .when((state) => decideOpen(openInput({ nowMs, actor: here }, state)))
    .isRefusedBy('factor-is-proved');
});

test('while an opening is under way no other begins, until it should have been settled', () => {
  const under = given(requestFold, [submitted(), reviewed(), approved(), opening('s-1')]);
  under.when((state) => decideOpen(openInput({ nowMs: NOON_MS + 59_999 }, state))).isRefusedBy('conflict');
  under
    .when((state) => decideOpen(openInput({ nowMs: NOON_MS + 60_000 }, state)))
    .gives('ticket.checked', 'session.opening');
});

test('an emergency is a grant at once, and a debt', () => {
  const asked = { ...submitInput().asked, breakGlass: true };
  const types = told(decideSubmit(submitInput({ asked }))).events;
  expect(types.slice(2)).toEqual(['request.submitted', 'break-glass.used', 'request.approved']);
});

test('an emergency has as many reviews as the policy wants, and no more', () => {
  const input = breakGlassReviewInput();
  expect(told(decideBreakGlassReview(input)).events).toEqual(['factor.used', 'break-glass.reviewed']);
  const reviews = ['p-a', 'p-b'].map((reviewer) => ({ reviewer, verdict: 'justified' as const }));
  expect(told(decideBreakGlassReview({ ...input, use: { ...input.use, reviews } }))).toEqual({
    events: [],
    refusal: 'conflict',
  });
});

test('an emergency is overdue from the millisecond of its deadline on', () => {
  const used = draft('countersign.break-glass.used.v1', 'break-glass/p-maya', 'r-1', {
    request: 'r-1',
    person: 'p-maya',
    entitlement: 'operator',
    review_by_ms: NOON_MS,
    review_from: 'security',
    review_people: 1,
    incident: 'I',
    down: [],
    zone: 'production',
  });
  const state = stateAfter(breakGlassFold, [used]);
  expect([overdueUses(state, NOON_MS - 1).length, overdueUses(state, NOON_MS).length]).toEqual([0, 1]);
});

test('a grant that nobody opened is gone the moment it is ended or revoked; one with a session when the session is', () => {
  const unused = granted();
  expect(told(decideEnd({ state: unused, grant: grantOf(unused), nowMs: NOON_MS })).events).toEqual([
    'grant.ended',
    'grant.revoke-confirmed',
  ]);
  expect(told(revoke(unused, 'administrator')).events).toEqual([
    'grant.revoke-requested',
    'grant.revoke-confirmed',
  ]);
  const used = granted(opening('s-1'), opened('s-1'));
  expect(told(decideEnd({ state: used, grant: grantOf(used), nowMs: NOON_MS })).events).toEqual([
    'grant.ended',
  ]);
  expect(told(revoke(used, undefined)).refusal).toBe('revoker-is-entitled');
});

test('an opening that failed after its grant was ended leaves a grant that never had a session', () => {
  const state = granted(opening('s-1'), ended(), failed('s-1', true));
  const [event] = decidePassTime(state, NOON_MS).events;
  expect(event?.body).toMatchObject({ seen: 'never-opened' });
});

test('a confirmation is written once, and only of what somebody ended', () => {
  const confirm = (state: RequestState) =>
    decideConfirm({ state, grant: grantOf(state), seen: 'introspection', nowMs: NOON_MS }).events.length;
  expect([confirm(granted()), confirm(granted(ended())), confirm(granted(ended(), confirmed()))]).toEqual([
    0, 1, 0,
  ]);
});

const came: Settlement = {
  kind: 'opened',
  cloudSession: 'c',
  providerRequest: null,
  expiresAtMs: NOON_MS + 1000,
  packedPolicyPercent: null,
};
const settle = (state: RequestState, settlement: Settlement, nowMs = NOON_MS, holderHasLeft = false) => {
  const decided = decideSettle({
    state,
    grant: grantOf(state),
    session: 's-1',
    settlement,
    settledBy: 'caller',
    holderHasLeft,
    nowMs,
  });
  return [...told(decided).events, decided.deliver];
};

test('credentials are handed out for an opening under way in a live grant, and in no other case', () => {
  const lost: Settlement = { kind: 'failed', reason: 'x', certain: true };
  expect(settle(granted(opening('s-1')), came)).toEqual(['session.opened', true]);
  expect(settle(granted(opening('s-1')), came, NOON_MS + HALF_HOUR_MS)).toEqual(['session.opened', false]);
  expect(settle(granted(opening('s-1'), ended()), came)).toEqual(['session.opened', false]);
  expect(settle(granted(opening('s-1')), came, NOON_MS, true)).toEqual(['session.opened', false]);
  expect(settle(granted(opening('s-1'), revokeRequested(), confirmed()), came)).toEqual([
    'session.opened',
    false,
  ]);
  expect(settle(granted(opening('s-1'), failed('s-1', false)), came)).toEqual(['session.opened', false]);
  expect(settle(granted(opening('s-1'), failed('s-1', true)), came)).toEqual([false]);
  expect(settle(granted(opening('s-1'), opened('s-1')), came)).toEqual([false]);
  expect(settle(granted(opening('s-1')), lost)).toEqual(['session.failed', false]);
  expect(settle(granted(opening('s-1'), failed('s-1', false)), lost)).toEqual([false]);
  expect(settle(granted(), came)).toEqual([false]);
});

test.each(['', `${'x'.repeat(499)}\u{1F600}`, '\ud800'])(
  "a cloud's refusal is recorded in words that fit the log: %j",
  (reason) => {
    const state = granted(opening('s-1'));
    const settlement = { kind: 'failed', reason, certain: true } as const;
    const [event] = decideSettle({
      state,
      grant: grantOf(state),
      session: 's-1',
      settlement,
      settledBy: 'caller',
      holderHasLeft: false,
      nowMs: NOON_MS,
    }).events;
    const said = event?.type === 'countersign.session.failed.v1' ? event.body.reason : '';
    expect(said.length).toBeGreaterThan(0);
    expect(said.length).toBeLessThanOrEqual(500);
    expect(said.isWellFormed()).toBe(true);
  },
);

test("the grant's clock starts with its first session and is not moved by later ones", () => {
  const drafts = [submitted(), approved(), opening('s-1'), opened('s-1')];
  const first = stateAfter(requestFold, drafts);
  const second = requestFold.evolve(first, folded(opening('s-2'), 9, NOON_MS + 60_000));
  expect([grantOf(first).endsAtMs, grantOf(second).endsAtMs]).toEqual([
    NOON_MS + HALF_HOUR_MS,
    NOON_MS + HALF_HOUR_MS,
  ]);
  const again = stateAfter(requestFold, [submitted(), approved(), opening('s-1'), failed('s-1', true)]);
  const later = requestFold.evolve(again, folded(opening('s-2'), 9, NOON_MS + 60_000));
  expect([grantOf(again).endsAtMs, grantOf(later).endsAtMs]).toEqual([null, NOON_MS + 60_000 + HALF_HOUR_MS]);
});

test('a grant is what all reviewers left of it', () => {
  const stages = [{ people: 2, from: 'leads', escalate: null }];
  const read = scope.filter(({ access }) => access === 'read');
  const state = stateAfter(requestFold, [
    submitted({ stages }),
    reviewed({ reviewer: 'p-tomas', scope: read, seconds: 900 }),
  ]);
  const decided = decideReview(reviewInput({ state, statement: statement({ nonce: 'n-2', seconds: 1200 }) }));
  expect(decided.events.at(-1)?.body).toMatchObject({ scope: read, seconds: 900 });
});

test.each([
  ['a reviewer of its stage', 'omar', ['leads'], 'reviewer'],
  ['who reviews its emergencies', 'omar', ['security'], 'reviewer'],
  ['who has reviewed it', 'lea', [], 'reviewer'],
  ['an administrator', 'omar', ['admins'], 'administrator'],
  ['somebody else', 'omar', ['engineers'], undefined],
] as const)('a grant is revoked by %s', (_, name, groups, right) => {
  const input = { actor: actor(name), groups, state: granted(), rule, administrators: 'admins' };
  expect(revokeRight(input)).toBe(right);
  expect(revokeRight({ ...input, actor: actor(name, { kind: 'workload' }) })).toBeUndefined();
});

test('the owner of the zone revokes, also what nobody had to review', () => {
  const state = stateAfter(requestFold, [submitted({ stages: [] }), approved()]);
  const input = {
    actor: actor('omar'),
    groups: ['leads'],
    state,
    rule: { ...rule, break_glass: null },
    administrators: 'admins',
  };
  expect(revokeRight(input)).toBe('zone-owner');
  expect(revokeRight({ ...input, rule: undefined })).toBeUndefined();
});

const folds = [
  logFold,
  policyFold,
  requestFold,
  personFold,
  signInFold,
  factorUseFold,
  attemptsFold,
  refusalsFold,
  ticketFold,
  breakGlassFold,
] as const;

test.each(folds.map((fold) => [fold.kind, fold] as const))(
  '%s: the fold ignores what it does not know',
  (_, fold) => {
    const unknown = { type: 'countersign.later.invented.v1', data: {} } as unknown as FoldedEvent['event'];
    const event: FoldedEvent = {
      seq: 1,
      version: 1,
      timeMs: NOON_MS,
      leafHash: new Uint8Array(32),
      event: unknown,
    };
    // Each fold is asked about its own state; together their states have no common type.
    const { evolve, initial } = fold as unknown as {
      evolve(state: unknown, event: FoldedEvent): unknown;
      initial: unknown;
    };
    expect(evolve(initial, event)).toBe(initial);
  },
);

test('what is about a grant or session that is not there changes nothing', () => {
  const state = stateAfter(requestFold, [submitted()]);
  for (const stray of [
    opening('s-1'),
    opened('s-1'),
    failed('s-1', true),
    ended(),
    revokeRequested(),
    confirmed(),
    expired(),
  ]) {
    expect(requestFold.evolve(state, folded(stray, 9))).toEqual(state);
  }
});

test('the streams of wrong codes and refusals are those of their quarter and hour', () => {
  const [now, before] = attemptsStreams('p-maya', NOON_MS);
  expect(attemptsStreams('p-maya', NOON_MS - 1)[0]).toBe(before);
  expect(attemptsStreams('p-maya', NOON_MS + 899_999)[0]).toBe(now);
  expect(refusalsStream('p-maya', NOON_MS + 3_599_999)).toBe(refusalsStream('p-maya', NOON_MS));
  expect(refusalsStream('p-maya', NOON_MS - 1)).not.toBe(refusalsStream('p-maya', NOON_MS));
});

test('an emergency keeps its marks and its deadline in the state', () => {
  expect(stateAfter(requestFold, [submitted({ break_glass: emergency })]).breakGlass).toEqual(emergency);
});

test.each([
  ['was never used', granted(), HOUR_MS, true],
  ['was used', granted(opening('s-1'), opened('s-1')), HALF_HOUR_MS, false],
] as const)(
  'when time ends a grant that %s, its entry says so and when it was due',
  (_, state, after, unused) => {
    const { events } = decidePassTime(state, NOON_MS + after + 5);
    expect(events.at(-1)?.body).toMatchObject({ unused, was_due_ms: NOON_MS + after });
  },
);
