import { expect, test } from 'vitest';
import { breakGlassReviewRules, decideBreakGlassReview } from '../../src/domain/break-glass/review.ts';
import type { Judgement } from '../../src/domain/judgement.ts';
import { decideSignPolicy, publishingRules } from '../../src/domain/policy-change/publish.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideOpen } from '../../src/domain/request/open.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { openingRules } from '../../src/domain/request/rules/opening.ts';
import { reviewingRules } from '../../src/domain/request/rules/reviewing.ts';
import { submittingRules } from '../../src/domain/request/rules/submitting.ts';
import { decideSubmit, type SubmitInput } from '../../src/domain/request/submit.ts';
import {
  actor,
  approved,
  breakGlassReviewInput,
  ended,
  found,
  granted,
  grantOf,
  ofMaya,
  openInput,
  pending,
  person,
  reviewed,
  reviewInput,
  rule,
  ruleOf,
  scope,
  shown,
  signInput,
  statement,
  submitInput,
  submitted,
} from './cases.ts';
import { NOON_MS, stateAfter, told } from './story.ts';

/**
 * A case that one rule forbids: refused under its name, and let through when that rule alone is taken out. `otherwise`
 * is what says no then, for the few that cannot be sound in any other way.
 */
type Case<Input> = readonly [what: string, rule: string, input: Input, otherwise?: string];

function eachRuleStands<Input, R extends { readonly name: string }>(
  decision: string,
  rules: readonly R[],
  sound: Input,
  decide: (input: Input, rules?: readonly R[]) => Judgement,
  cases: readonly Case<Input>[],
): void {
  test(`${decision}: the sound case goes through`, () => {
    expect(told(decide(sound)).refusal).toBeUndefined();
  });

  const named = cases.map(([what, name, input, otherwise]) => ({ what, name, input, otherwise }));

  test.each(named)(`${decision}: $what is refused by $name`, ({ name, input }) => {
    expect(told(decide(input)).refusal).toBe(name);
  });

  test.each(named)(
    `${decision}: $what is refused by nothing else than $name`,
    ({ name, input, otherwise }) => {
      const without = rules.filter((one) => one.name !== name);
      expect(without.length).toBeLessThan(rules.length);
      expect(told(decide(input, without)).refusal).toBe(otherwise);
    },
  );

  test.each(rules.map((one) => one.name))(`${decision}: there is a case for %s`, (name) => {
    expect(cases.map(([, of]) => of)).toContain(name);
  });
}

const asked = (more: Partial<SubmitInput['asked']>): Partial<SubmitInput> => ({
  asked: { ...submitInput().asked, ...more },
});
const debtOf = (incident: string) => ({
  uses: { 'r-0': { ...breakGlassReviewInput().use, request: 'r-0', incident, reviewByMs: NOON_MS } },
});

eachRuleStands('asking', submittingRules, submitInput(), decideSubmit, [
  // Nothing resolves without a rule, so that the next rule says no as well.
  [
    'an unknown entitlement',
    'entitlement-exists',
    submitInput({ rule: undefined, scope: undefined }),
    'requester-is-eligible',
  ],
  ['somebody outside the eligible groups', 'requester-is-eligible', submitInput({ groups: ['leads'] })],
  ['somebody in no group', 'requester-is-eligible', submitInput({ groups: [] })],
  [
    'a workload of another name',
    'requester-is-eligible',
    submitInput({ actor: actor('w', { kind: 'workload', workload: 'other' }) }),
  ],
  ['a second too much', 'duration-is-within-limit', submitInput(asked({ seconds: 3601 }))],
  ['no number at all', 'duration-is-within-limit', submitInput(asked({ seconds: Number.NaN }))],
  [
    'an emergency longer than emergencies may be',
    'duration-is-within-limit',
    submitInput(asked({ seconds: 1801, breakGlass: true })),
  ],
  ['an empty scope', 'scope-is-within-entitlement', submitInput({ scope: [] })],
  [
    'a scope beyond the entitlement',
    'scope-is-within-entitlement',
    submitInput({ scope: undefined }),
    'entitlement-exists',
  ],
  [
    'no ticket',
    'ticket-is-given-when-required',
    submitInput({ tickets: ofMaya({ kind: 'not-given' }) }),
    'ticket-fits-the-rule',
  ],
  ['a ticket that is not there', 'ticket-fits-the-rule', submitInput({ tickets: ofMaya({ kind: 'none' }) })],
  [
    'a source that does not answer',
    'ticket-fits-the-rule',
    submitInput({ tickets: ofMaya({ kind: 'unavailable', because: 'x' }) }),
  ],
  ['a closed ticket', 'ticket-fits-the-rule', submitInput({ tickets: ofMaya(found({ state: 'closed' })) })],
  [
    'a ticket of another project',
    'ticket-fits-the-rule',
    submitInput({ tickets: ofMaya(found({ project: 'CHG' })) }),
  ],
  [
    'a ticket of another source',
    'ticket-fits-the-rule',
    submitInput({ tickets: ofMaya(found({ source: 'other' })) }),
  ],
  [
    'a ticket in which one has another part',
    'ticket-fits-the-rule',
    submitInput({ tickets: ofMaya(found({ part: 'assignee' })) }),
  ],
  [
    'a closed ticket in an emergency',
    'ticket-fits-the-rule',
    submitInput({ ...asked({ breakGlass: true }), tickets: ofMaya(found({ state: 'closed' })) }),
  ],
  [
    'a ticket nobody else stands behind',
    'ticket-has-another-voucher',
    submitInput({ tickets: ofMaya(found({ vouched_by_another: false })) }),
  ],
  ['the twenty-first request that waits', 'pending-requests-are-bounded', submitInput({ pendingCount: 20 })],
  [
    'an emergency the policy does not know',
    'break-glass-is-allowed',
    submitInput({ ...asked({ breakGlass: true }), rule: { ...rule, break_glass: null } }),
    'duration-is-within-limit',
  ],
  [
    "a workload's emergency",
    'break-glass-is-allowed',
    submitInput({
      ...asked({ breakGlass: true }),
      actor: actor('w', { kind: 'workload', workload: 'engineers' }),
    }),
  ],
  [
    'an emergency with a debt',
    'break-glass-debt-is-paid',
    submitInput({ ...asked({ breakGlass: true }), debt: debtOf('OTHER') }),
  ],
  [
    'an emergency without incident, with a debt',
    'break-glass-debt-is-paid',
    submitInput({ ...asked({ breakGlass: true }), debt: debtOf('INCIDENT'), incident: null }),
  ],
]);

const closed = stateAfter(requestFold, [submitted(), reviewed({ verdict: 'deny' })]);
const ofWorkload = { ...pending, byWorkload: true };
const sponsored = { ...rule, workloads: { deploy: { issuer: 'i', subject: 's', sponsor: 'leads' } } };
const twoOfOneGroup = stateAfter(requestFold, [
  submitted({ stages: [{ people: 2, from: 'leads', escalate: null }] }),
  reviewed(),
]);
const readOnly = scope.filter(({ access }) => access === 'read');
const narrowed = stateAfter(requestFold, [
  submitted({ stages: [{ people: 2, from: 'leads', escalate: null }] }),
  reviewed({ reviewer: 'p-tomas', scope: readOnly }),
]);
const swapped = scope
  .map((one, place) => ({ ...one, access: scope[scope.length - 1 - place]?.access ?? 'read' }))
  .toReversed();
const otherRule = `sha256:${'0'.repeat(64)}`;

eachRuleStands('reviewing', reviewingRules, reviewInput(), decideReview, [
  // What is over has no stage that could be signed: the statement is about the one there was.
  [
    'a request that was denied',
    'request-is-pending',
    reviewInput({ state: closed }),
    'reviewer-has-not-reviewed-before',
  ],
  [
    'a request at the millisecond of its deadline',
    'request-is-pending',
    reviewInput({ state: { ...pending, reviewByMs: NOON_MS } }),
  ],
  ['a workload', 'reviewer-is-human', reviewInput({ actor: actor('lea', { kind: 'workload' }) })],
  [
    "the requester's own review",
    'approver-is-not-requester',
    reviewInput({
      actor: actor('maya'),
      statement: statement({ reviewer: 'p-maya', factor: 'f-maya' }),
      reviewer: person('f-maya'),
      shown: shown('maya'),
      factorStates: { ...reviewInput().factorStates, person: person('f-maya') },
    }),
  ],
  ['somebody of another group', 'reviewer-is-in-the-stage-group', reviewInput({ groups: ['security'] })],
  [
    'the same human again',
    'reviewer-has-not-reviewed-before',
    reviewInput({ state: twoOfOneGroup, statement: statement({ nonce: 'n-2' }) }),
  ],
  [
    "a workload's sponsor",
    'reviewer-sponsors-not-the-workload',
    reviewInput({ state: ofWorkload, rule: sponsored }),
  ],
  ['a rule that has changed', 'rule-is-unchanged-since-asking', reviewInput({ ruleDigest: otherRule })],
  ['an entitlement that is gone', 'rule-is-unchanged-since-asking', reviewInput({ ruleDigest: null })],
  ['more time', 'review-only-narrows', reviewInput({ statement: statement({ seconds: 1801 }) })],
  ['a scope of nothing', 'review-only-narrows', reviewInput({ statement: statement({ scope: [] }) })],
  [
    'a scope beyond what was asked',
    'review-only-narrows',
    reviewInput({
      statement: statement({
        scope: [{ action: 'batches.burn', resource: 'orders-export', access: 'read' }],
      }),
    }),
  ],
  [
    'a permission called by less access than it gives',
    'review-only-narrows',
    reviewInput({ statement: statement({ scope: scope.map((one) => ({ ...one, access: 'read' })) }) }),
  ],
  [
    'accesses that are exchanged',
    'review-only-narrows',
    reviewInput({ statement: statement({ scope: swapped }) }),
  ],
  [
    'a scope that leaves nothing together with an earlier one',
    'review-only-narrows',
    reviewInput({
      state: narrowed,
      statement: statement({ nonce: 'n-2', scope: scope.filter(({ access }) => access !== 'read') }),
    }),
  ],
  [
    'a ticket that was closed meanwhile',
    'ticket-fits-the-rule',
    reviewInput({ tickets: ofMaya(found({ state: 'closed' })) }),
  ],
  [
    'a ticket that cannot be checked',
    'ticket-fits-the-rule',
    reviewInput({ tickets: ofMaya({ kind: 'unavailable', because: 'x' }) }),
    'statement-is-what-stands',
  ],
  [
    'a ticket nobody vouches for',
    'ticket-has-another-voucher',
    reviewInput({ tickets: ofMaya(found({ vouched_by_another: false })) }),
  ],
  ...(
    [
      ['another request', { request: 'r-2' }],
      ['another entry', { request_leaf: 'other' }],
      ['another requester', { requester: 'p-omar' }],
      ['another reviewer', { reviewer: 'p-omar' }],
      ['another stage', { stage: 1 }],
      ['another policy', { policy_digest: otherRule }],
      ['another rule', { rule_digest: otherRule }],
      ['another ticket', { ticket_digest: otherRule }],
      ['no ticket', { ticket_digest: null }],
      ['another log', { log: { ...statement().log, origin: 'other.example' } }],
      ['a time that has come', { expires_at_ms: NOON_MS }],
      ['a time too far away', { expires_at_ms: NOON_MS + 300_001 }],
    ] as const
  ).map(
    ([what, more]): Case<ReturnType<typeof reviewInput>> => [
      `a statement with ${what}`,
      'statement-is-what-stands',
      reviewInput({ statement: statement(more) }),
    ],
  ),
  ['a root the log never had', 'statement-is-what-stands', reviewInput({ logFits: false })],
  [
    'a nonce used before',
    'statement-nonce-is-fresh',
    reviewInput({ state: { ...pending, nonces: ['n-1'] } }),
  ],
  [
    'a factor recovered less than a day ago',
    'recovered-factor-rests-a-day',
    reviewInput({
      reviewer: person('f-lea', { means: 'recovery-code', enrolledAtMs: NOON_MS - 86_400_000 + 1 }),
    }),
  ],
  [
    'a factor that is not theirs',
    'recovered-factor-rests-a-day',
    reviewInput({ reviewer: person('f-other') }),
  ],
]);

const over = granted(ended());

eachRuleStands('opening', openingRules, openInput(), decideOpen, [
  [
    "another's grant",
    'grant-belongs-to-the-caller',
    openInput({ actor: actor('omar', { keyThumbprint: 'key-of-maya' }) }),
  ],
  ['a grant that was ended', 'grant-is-usable', openInput({}, over)],
  [
    'a grant at the millisecond of its deadline',
    'grant-is-usable',
    openInput({ grant: { ...grantOf(granted()), activateByMs: NOON_MS } }),
  ],
  ['a rule that has changed', 'entitlement-still-allows-the-grant', openInput({ ruleDigest: otherRule })],
  ['an entitlement that is gone', 'entitlement-still-allows-the-grant', openInput({ ruleDigest: null })],
  ['somebody who left the group', 'requester-is-eligible', openInput({ groups: ['leads'] })],
  [
    'a ticket that was closed',
    'ticket-fits-the-rule',
    openInput({ tickets: ofMaya(found({ state: 'closed' })) }),
  ],
  [
    'a ticket that cannot be checked',
    'ticket-fits-the-rule',
    openInput({ tickets: ofMaya({ kind: 'unavailable', because: 'x' }) }),
  ],
  [
    'a ticket nobody vouches for any more',
    'ticket-has-another-voucher',
    openInput({ tickets: ofMaya(found({ vouched_by_another: false })) }),
  ],
]);

const signing = signInput();
eachRuleStands('publishing', publishingRules, signing, decideSignPolicy, [
  ['somebody outside the administrators', 'publisher-is-administrator', { ...signing, groups: ['leads'] }],
  ['a workload', 'publisher-is-administrator', { ...signing, actor: actor('ann', { kind: 'workload' }) }],
  [
    'somebody the genesis does not name',
    'publisher-is-administrator',
    { ...signing, publishers: { persons: ['p-bob'] } },
  ],
  [
    'a proposal over an older policy',
    'proposal-is-current',
    { ...signing, state: { ...signing.state, inForce: otherRule } },
  ],
  [
    'a second signature of one human',
    'reviewer-has-not-reviewed-before',
    { ...signing, proposal: { ...signing.proposal, signers: ['p-ann'] } },
  ],
  ...(['proposal', 'from_digest', 'to_digest', 'plan_digest', 'signer'] as const).map(
    (field): Case<typeof signing> => [
      `a statement with another ${field}`,
      'statement-is-what-stands',
      { ...signing, statement: { ...signing.statement, [field]: otherRule } },
    ],
  ),
  ['a root the log never had', 'statement-is-what-stands', { ...signing, logFits: false }],
  ['a statement that has expired', 'statement-is-what-stands', { ...signing, nowMs: NOON_MS + 60_000 }],
  ['a nonce used before', 'statement-nonce-is-fresh', { ...signing, nonces: ['n-1'] }],
  [
    'a factor recovered today',
    'recovered-factor-rests-a-day',
    { ...signing, reviewer: person('f-ann', { means: 'recovery-code', enrolledAtMs: NOON_MS }) },
  ],
]);

const judging = breakGlassReviewInput();
eachRuleStands('judging an emergency', breakGlassReviewRules, judging, decideBreakGlassReview, [
  ['a workload', 'reviewer-is-human', { ...judging, actor: actor('sid', { kind: 'workload' }) }],
  [
    'whoever had it',
    'break-glass-reviewer-is-somebody-else',
    {
      ...judging,
      actor: actor('maya'),
      statement: { ...judging.statement, reviewer: 'p-maya' },
    },
  ],
  [
    'whoever judged it before',
    'break-glass-reviewer-is-somebody-else',
    { ...judging, use: { ...judging.use, reviews: [{ reviewer: 'p-sid', verdict: 'justified' }] } },
  ],
  ['somebody of another group', 'reviewer-is-in-the-stage-group', { ...judging, groups: ['leads'] }],
  [
    'a statement about another',
    'statement-is-what-stands',
    { ...judging, statement: { ...judging.statement, request: 'r-2' } },
  ],
  ['a root the log never had', 'statement-is-what-stands', { ...judging, logFits: false }],
  ['a statement that has expired', 'statement-is-what-stands', { ...judging, nowMs: NOON_MS + 60_000 }],
  ['a nonce used before', 'statement-nonce-is-fresh', { ...judging, nonces: ['n-1'] }],
  [
    'a factor recovered today',
    'recovered-factor-rests-a-day',
    { ...judging, reviewer: person('f-sid', { means: 'recovery-code', enrolledAtMs: NOON_MS }) },
  ],
]);

test('a change is approved within its window only: from its first millisecond up to, and without, its last', () => {
  const repair = ruleOf('repair');
  const at = (nowMs: number) => {
    const window = { from_ms: NOON_MS, to_ms: NOON_MS + 1000 };
    const ticket = found({ project: 'CHG', state: 'approved', part: 'assignee', window });
    return told(decideSubmit(submitInput({ rule: repair, tickets: ofMaya(ticket), nowMs }))).refusal;
  };
  expect([at(NOON_MS - 1), at(NOON_MS), at(NOON_MS + 999), at(NOON_MS + 1000)]).toEqual([
    'ticket-fits-the-rule',
    undefined,
    undefined,
    'ticket-fits-the-rule',
  ]);
  const none = found({ project: 'CHG', state: 'approved', part: 'assignee', window: null });
  expect(told(decideSubmit(submitInput({ rule: repair, tickets: ofMaya(none) }))).refusal).toBe(
    'ticket-fits-the-rule',
  );
});

test('a denial needs neither ticket nor an unchanged rule', () => {
  const deny = statement({ verdict: 'deny', ticket_digest: null });
  const input = reviewInput({
    statement: deny,
    ruleDigest: null,
    rule: undefined,
    tickets: ofMaya({ kind: 'unavailable', because: 'x' }),
  });
  expect(told(decideReview(input))).toEqual({
    events: ['factor.used', 'request.reviewed'],
    refusal: undefined,
  });
});

test.each(['request', 'review', 'open'] as const)(
  'a policy that wants a passkey for %s is not served with a code',
  (what) => {
    const wanting = { ...rule, factors: { ...rule.factors, [what]: 'passkey' as const } };
    const decided = {
      request: () => decideSubmit(submitInput({ rule: wanting })),
      review: () => decideReview(reviewInput({ rule: wanting })),
      open: () => decideOpen(openInput({ rule: wanting, shown: shown('maya') })),
    };
    expect(told(decided[what]())).toEqual({ events: [], refusal: 'factor-is-proved' });
  },
);

test('an emergency that was marked goes on without its ticket; one that was not marked does not', () => {
  const unavailable = { kind: 'unavailable', because: 'x' } as const;
  const of = (marks: 'ticket-unverified'[]) =>
    stateAfter(requestFold, [submitted({ break_glass: { marks, review_by_ms: NOON_MS } }), approved()]);
  expect(
    told(decideOpen(openInput({ tickets: ofMaya(unavailable) }, of(['ticket-unverified'])))).refusal,
  ).toBeUndefined();
  expect(told(decideOpen(openInput({ tickets: ofMaya(unavailable) }, of([])))).refusal).toBe(
    'ticket-fits-the-rule',
  );
});

test('a factor shown for the request serves its opening under the same key, for less than a quarter of an hour', () => {
  const after = (ms: number, more = {}) =>
    told(decideOpen(openInput({ nowMs: NOON_MS + ms, ...more }))).refusal;
  expect(after(899_999)).toBeUndefined();
  expect(after(900_000)).toBe('factor-is-proved');
  expect(after(0, { actor: actor('maya', { keyThumbprint: 'another' }) })).toBe('factor-is-proved');
});
