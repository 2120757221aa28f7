import { expect, test } from 'vitest';
import type { Judgement } from '../../src/domain/judgement.ts';
import type { ResolvedRule } from '../../src/domain/policy/policy.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideOpen } from '../../src/domain/request/open.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { SESSIONS_ALLOWED } from '../../src/domain/request/rules/grant-is-usable.ts';
import type { RequestState } from '../../src/domain/request/state.ts';
import { decideSubmit, type SubmitInput } from '../../src/domain/request/submit.ts';
import {
  actor,
  breakGlassReviewInput,
  found,
  granted,
  grantOf,
  ofMaya,
  opened,
  openInput,
  opening,
  person,
  reviewInput,
  rule,
  scope,
  statement,
  submitInput,
  submitted,
  TARGET,
  ticketsOf,
} from '../domain/cases.ts';
import { NOON_MS, stateAfter, told } from '../domain/story.ts';

/** Where a rule ends: the last that passes beside the first that does not, and the part of a rule that others hide. */

const DAY_MS = 86_400_000;
const asking = (more: Partial<SubmitInput['asked']>, beside: Partial<SubmitInput> = {}): Judgement =>
  decideSubmit(submitInput({ asked: { ...submitInput().asked, ...more }, ...beside }));
const [line] = scope;
if (line === undefined) throw new Error('the rule of the cases has no scope');

const place = { zone: 'production', provider: 'token', audience: 'https://orders.example' } as const;
const withTargets = (...names: readonly string[]): ResolvedRule => ({
  ...rule,
  targets: Object.fromEntries([TARGET, ...names].map((name) => [name, place])),
});
/** Ten people on so many targets. */
const incident = (targets: readonly string[]): Judgement => {
  const people = Array.from('abcdefghij', (letter) => `p-${letter}`);
  return decideSubmit(
    submitInput({
      asked: { ...submitInput().asked, people, targets: [TARGET, ...targets] },
      rule: withTargets(...targets),
      tickets: ticketsOf(found(), ...Array.from('abcdefghij')),
      grants: Array.from({ length: 60 }, (_, at) => `g-${at}` as const),
    }),
  );
};

const owed = { ...breakGlassReviewInput().use, request: 'r-0', incident: 'ANOTHER', reviewByMs: NOON_MS - 1 };
const debt = { uses: { 'r-0': owed } };
const running = granted(opening('s-1'), opened('s-1'));
const extending = (targets: readonly string[]): Judgement =>
  asking(
    { extends: 'g-1', targets },
    { rule: withTargets('other'), extended: { state: running, grant: grantOf(running) } },
  );

const forTomOnly: RequestState = stateAfter(requestFold, [submitted({ people: ['p-tom'] })]);
const requestersOwn = decideReview(
  reviewInput({
    actor: actor('maya'),
    state: forTomOnly,
    statement: statement({
      reviewer: 'p-maya',
      factor: 'f-maya',
      people: ['p-tom'],
      request_leaf: forTomOnly.submittedLeaf,
    }),
    tickets: ticketsOf(found(), 'tom'),
  }),
);

const sponsor = (people: readonly string[] | undefined, until: string | null): ResolvedRule => ({
  ...rule,
  workloads: { deploy: { issuer: 'i', subject: 's', sponsor: 'release' } },
  groups: {
    ...rule.groups,
    release: {
      idp: people === undefined ? 'release' : null,
      issuer: null,
      until,
      ...(people === undefined ? {} : { people: people.map((one) => ({ person: one, until: null })) }),
    },
  },
});
const ofWorkload: RequestState = {
  ...stateAfter(requestFold, [submitted()]),
  byWorkload: true,
};
/** Lea, whose other login may be in the group that answers for the workload. */
const withTwoLogins = (sponsors: ResolvedRule): Judgement =>
  decideReview(
    reviewInput({
      state: ofWorkload,
      rule: sponsors,
      humans: { humans: { Lea: ['p-lea', 'p-lea-at-home'] } },
    }),
  );

const recoveredAt = (enrolledAtMs: number) =>
  person('f-lea', { means: 'recovery-code', enrolledAtMs, recoveryVouchedBy: 'p-omar' });
const sessions = (count: number) => {
  const { 's-1': one } = grantOf(running).sessions;
  if (one === undefined) throw new Error('the running grant has no session');
  const many = Array.from({ length: count }, (_, at) => [`s-${at}`, { ...one, session: `s-${at}` }] as const);
  const grant = { ...grantOf(running), sessions: Object.fromEntries(many) };
  return decideOpen(openInput({ grant }, running));
};
const deny = (more: Parameters<typeof reviewInput>[0]): Judgement =>
  decideReview(reviewInput({ statement: statement({ verdict: 'deny' }), ...more }));

const edges: readonly (readonly [what: string, refusal: string | undefined, judged: Judgement])[] = [
  ['whoever asked, for somebody else alone, signs it off', 'approver-is-not-requester', requestersOwn],
  ['an ordinary ask of somebody who owes a review', undefined, asking({}, { debt })],
  [
    'an emergency of somebody who owes a review',
    'break-glass-debt-is-paid',
    asking({ breakGlass: true }, { debt }),
  ],
  ['an extension on the grant’s own target', undefined, extending([TARGET])],
  ['an extension on one target more', 'extension-follows-its-grant', extending([TARGET, 'other'])],
  ['fifty grants', undefined, incident(['b', 'c', 'd', 'e'])],
  ['sixty grants', 'people-are-named-once', incident(['b', 'c', 'd', 'e', 'f'])],
  ['the last session that is allowed', undefined, sessions(SESSIONS_ALLOWED - 1)],
  ['one session more', 'grant-is-usable', sessions(SESSIONS_ALLOWED)],
  [
    'a factor at the end of its day of rest',
    undefined,
    decideReview(reviewInput({ reviewer: recoveredAt(NOON_MS - DAY_MS) })),
  ],
  [
    'a factor a millisecond before',
    'recovered-factor-rests-a-day',
    decideReview(reviewInput({ reviewer: recoveredAt(NOON_MS - DAY_MS + 1) })),
  ],
  [
    'a scope that names a permission twice',
    'review-only-narrows',
    decideReview(reviewInput({ statement: statement({ scope: [line, line] }) })),
  ],
  [
    'another login that the sponsors’ group lists',
    'reviewer-sponsors-not-the-workload',
    withTwoLogins(sponsor(['p-lea-at-home'], null)),
  ],
  ['another login that it does not list', undefined, withTwoLogins(sponsor(['p-tom'], null))],
  [
    'another login that its provider may put there',
    'reviewer-sponsors-not-the-workload',
    withTwoLogins(sponsor(undefined, null)),
  ],
  ['another login, when the group has lapsed', undefined, withTwoLogins(sponsor(undefined, '2026-05-03'))],
  ['a denial over a closed ticket', undefined, deny({ tickets: ofMaya(found({ state: 'closed' })) })],
  [
    'a denial while the ticket source is down',
    undefined,
    deny({ tickets: ofMaya({ kind: 'unavailable', because: 'x' }) }),
  ],
  [
    'an approval while the ticket source is down',
    'ticket-fits-the-rule',
    decideReview(reviewInput({ tickets: ofMaya({ kind: 'unavailable', because: 'x' }) })),
  ],
];

const forTwo: RequestState = stateAfter(requestFold, [submitted({ people: ['p-maya', 'p-tom'] })]);
const scheduled = { ...rule, waiting: { ...rule.waiting, schedule_seconds: 3_600 } };
const startingAt = (startMs: number) => asking({ startMs }, { rule: scheduled });
const [ticketRule] = [rule.ticket];
if (ticketRule === null) throw new Error('the rule of the cases asks for no ticket');
const nobodysTicket = ofMaya(found({ part: 'none', vouched_by_another: false }));
const expiringAt = (expires_at_ms: number) =>
  decideReview(reviewInput({ statement: statement({ expires_at_ms }) }));
const further: typeof edges = [
  [
    'no ticket where none is asked for',
    undefined,
    asking({}, { rule: { ...rule, ticket: null }, tickets: ofMaya({ kind: 'not-given' }) }),
  ],
  [
    'any ticket where none is asked for',
    undefined,
    asking({}, { rule: { ...rule, ticket: null }, tickets: nobodysTicket }),
  ],
  [
    'a part in the ticket that anybody has',
    undefined,
    asking(
      {},
      {
        rule: { ...rule, ticket: { ...ticketRule, requester: 'anyone' } },
        tickets: ofMaya(found({ part: 'none' })),
      },
    ),
  ],
  [
    'an emergency on a ticket that only its requester stands behind',
    undefined,
    asking({ breakGlass: true }, { tickets: ofMaya(found({ vouched_by_another: false })) }),
  ],
  ['a statement that is good for five minutes', undefined, expiringAt(NOON_MS + 300_000)],
  ['a statement that is good for longer', 'statement-is-what-stands', expiringAt(NOON_MS + 300_001)],
  ['the latest start that is allowed', undefined, startingAt(NOON_MS + 3_600_000)],
  ['a start a millisecond later', 'start-is-within-limit', startingAt(NOON_MS + 3_600_001)],
  [
    'a statement for one of the two it is asked for',
    'statement-is-what-stands',
    decideReview(
      reviewInput({
        state: forTwo,
        statement: statement({ request_leaf: forTwo.submittedLeaf }),
        tickets: ticketsOf(found(), 'maya', 'tom'),
      }),
    ),
  ],
];

test.each([...edges, ...further])('%s: %s', (_, refusal, judged) => {
  expect(told(judged).refusal).toBe(refusal);
});
