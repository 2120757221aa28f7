import { expect, test } from 'vitest';
import { breakGlassReviewRules, decideBreakGlassReview } from '../../src/domain/break-glass/review.ts';
import { decideSignPolicy, publishingRules } from '../../src/domain/policy-change/publish.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideOpen } from '../../src/domain/request/open.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { openingRules } from '../../src/domain/request/rules/opening.ts';
import { reviewingRules } from '../../src/domain/request/rules/reviewing.ts';
import { submittingRules } from '../../src/domain/request/rules/submitting.ts';
import type { RequestState } from '../../src/domain/request/state.ts';
import { decideSubmit, type SubmitInput } from '../../src/domain/request/submit.ts';
import {
  actor,
  approved,
  breakGlassReviewInput,
  digest,
  ended,
  found,
  granted,
  grantOf,
  ofMaya,
  opened,
  openInput,
  opening,
  pending,
  person,
  reviewed,
  reviewInput,
  revokeRequested,
  rule,
  ruleOf,
  scope,
  shown,
  signInput,
  statement,
  submitInput,
  submitted,
  TARGET,
  ticketsOf,
} from './cases.ts';
import { type Case, eachRuleStands } from './each-rule-stands.ts';
import { passkeyCases } from './passkey-cases.ts';
import { NOON_MS, stateAfter, told } from './story.ts';

/** Recovered just now, as somebody vouched. */
const recovered = (factor: string, more: Parameters<typeof person>[1] = {}) =>
  person(factor, {
    means: 'recovery-code',
    enrolledAtMs: NOON_MS,
    recoveryVouchedBy: 'p-omar',
    ...more,
  });
/** Recovered long ago, and nobody ever vouched. */
const unvouched = (factor: string) => person(factor, { means: 'recovery-code' });

const asked = (more: Partial<SubmitInput['asked']>): Partial<SubmitInput> => ({
  asked: { ...submitInput().asked, ...more },
});
const debtOf = (incident: string) => ({
  uses: { 'r-0': { ...breakGlassReviewInput().use, request: 'r-0', incident, reviewByMs: NOON_MS } },
});

const cached = actor('maya', { membership: 'cached' });
const emergencyRule = rule.break_glass;
const outageRule = (named: readonly string[]) => ({
  ...rule,
  break_glass: emergencyRule && {
    ...emergencyRule,
    without: ['ticket', 'identity-provider'] as const,
    named,
  },
});
const prod = { zone: 'production', provider: 'token', audience: 'https://orders.example' } as const;
const wantingPasskeys = {
  ...rule,
  factors: { request: 'passkey', review: 'passkey', open: 'passkey' },
} as const;
const twoTargets = { ...rule, targets: { ...rule.targets, other: prod } };
const scheduled = { ...rule, waiting: { ...rule.waiting, schedule_seconds: 86_400 } };
const SOON_MS = NOON_MS + 3_600_000;
const carriedOn = (state: RequestState) => ({ state, grant: grantOf(state) });
const running = carriedOn(granted(opening('s-1'), opened('s-1')));
const parametrised = { ...rule, parameters: { batch: { pattern: '^b-[0-9]{1,6}$', says: 'a batch' } } };

eachRuleStands('asking', submittingRules, submitInput(), decideSubmit, [
  ...passkeyCases(submitInput(), {
    name: 'maya',
    act: { purpose: 'request', about: 'operator', digest: digest('9') },
    wanting: submitInput({ rule: wantingPasskeys }),
  }),
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
    submitInput({
      actor: actor('w', { kind: 'workload', workload: 'other' }),
      tickets: ticketsOf(found(), 'w'),
    }),
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
      tickets: ticketsOf(found(), 'w'),
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
  [
    'a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    submitInput({
      shown: shown('maya'),
      factorStates: { ...submitInput().factorStates, person: unvouched('f-maya') },
    }),
  ],
  ['somebody who has left', 'person-has-not-left', submitInput({ peopleWhoLeft: ['p-maya'] })],
  [
    'an ask for a colleague who has left',
    'person-has-not-left',
    submitInput({ tickets: ticketsOf(found(), 'maya', 'omar'), peopleWhoLeft: ['p-omar'] }),
  ],
  ['groups of before an outage', 'membership-is-fresh', submitInput({ actor: cached })],
  [
    'an emergency on groups of before an outage, where the policy needs them fresh',
    'membership-is-fresh',
    submitInput({ ...asked({ breakGlass: true }), actor: cached }),
  ],
  [
    'an emergency on such groups of somebody the policy does not name',
    'membership-is-fresh',
    submitInput({ ...asked({ breakGlass: true }), actor: cached, rule: outageRule(['p-omar']) }),
  ],
  [
    'an emergency on groups that were told a day and a millisecond ago',
    'membership-is-fresh',
    submitInput({
      ...asked({ breakGlass: true }),
      actor: { ...cached, claimsAtMs: NOON_MS - 86_400_001 },
      rule: outageRule(['p-maya']),
    }),
  ],
  ['no target, of two', 'targets-are-of-the-entitlement', submitInput({ rule: twoTargets })],
  [
    'a target of another entitlement',
    'targets-are-of-the-entitlement',
    submitInput(asked({ targets: ['payments-prod'] })),
  ],
  ['one target twice', 'targets-are-of-the-entitlement', submitInput(asked({ targets: [TARGET, TARGET] }))],
  [
    'one person twice',
    'people-are-named-once',
    submitInput({ tickets: ticketsOf(found(), 'maya', 'omar', 'maya') }),
  ],
  [
    'an emergency for a colleague',
    'people-are-named-once',
    submitInput({ ...asked({ breakGlass: true }), tickets: ticketsOf(found(), 'omar') }),
  ],
  [
    "a workload's ask for a person",
    'people-are-named-once',
    submitInput({ actor: actor('w', { kind: 'workload', workload: 'engineers' }) }),
  ],
  [
    'an ask for a workload of somebody else',
    'people-are-named-once',
    submitInput({ tickets: [{ person: 'w-deploy', check: found() }] }),
  ],
  [
    'more people and places than a request may become grants',
    'people-are-named-once',
    submitInput({
      ...asked({ targets: ['one', 'two', 'three'] }),
      rule: { ...rule, targets: { one: prod, two: prod, three: prod } },
      tickets: ticketsOf(found(), ...Array.from({ length: 17 }, (_, at) => `n${at}`)),
      grants: Array.from({ length: 51 }, (_, at): `g-${string}` => `g-${at}`),
    }),
  ],
  ['a start where the policy knows none', 'start-is-within-limit', submitInput(asked({ startMs: SOON_MS }))],
  [
    'a start in the past',
    'start-is-within-limit',
    submitInput({ ...asked({ startMs: NOON_MS }), rule: scheduled }),
  ],
  [
    'a start a millisecond too far ahead',
    'start-is-within-limit',
    submitInput({ ...asked({ startMs: NOON_MS + 86_400_001 }), rule: scheduled }),
  ],
  [
    'an emergency later on',
    'start-is-within-limit',
    submitInput({ ...asked({ startMs: SOON_MS, breakGlass: true }), rule: scheduled }),
  ],
  [
    'an extension with a start of its own',
    'start-is-within-limit',
    submitInput({ ...asked({ startMs: SOON_MS, extends: 'g-1' }), extended: running, rule: scheduled }),
  ],
  ['an extension of no grant', 'extension-follows-its-grant', submitInput(asked({ extends: 'g-9' }))],
  [
    'an extension of what nobody has used yet',
    'extension-follows-its-grant',
    submitInput({ ...asked({ extends: 'g-1' }), extended: carriedOn(granted()) }),
  ],
  [
    'an extension at the millisecond at which the grant ends',
    'extension-follows-its-grant',
    submitInput({
      ...asked({ extends: 'g-1' }),
      actor: actor('maya', { claimsAtMs: NOON_MS + 1_800_000 }),
      extended: running,
      nowMs: NOON_MS + 1_800_000,
    }),
  ],
  [
    "an extension of a colleague's grant",
    'extension-follows-its-grant',
    submitInput({
      ...asked({ extends: 'g-1' }),
      extended: { ...running, grant: { ...running.grant, person: 'p-omar' } },
    }),
  ],
  [
    'an extension for a colleague',
    'extension-follows-its-grant',
    submitInput({
      ...asked({ extends: 'g-1' }),
      extended: running,
      tickets: ticketsOf(found(), 'maya', 'omar'),
    }),
  ],
  [
    'an extension of one place by another',
    'extension-follows-its-grant',
    submitInput({
      ...asked({ extends: 'g-1' }),
      extended: { ...running, grant: { ...running.grant, target: 'elsewhere' } },
    }),
  ],
  [
    'an extension by another entitlement',
    'extension-follows-its-grant',
    submitInput({
      ...asked({ extends: 'g-1' }),
      extended: { ...running, state: { ...running.state, entitlement: 'look' } },
    }),
  ],
  [
    'an extension as an emergency',
    'extension-follows-its-grant',
    submitInput({ ...asked({ extends: 'g-1', breakGlass: true }), extended: running }),
  ],
  ['a parameter that is missing', 'parameters-fit-their-patterns', submitInput({ rule: parametrised })],
  [
    'a parameter that nobody declared',
    'parameters-fit-their-patterns',
    submitInput(asked({ parameters: { batch: 'b-1' } })),
  ],
  ...['*', 'b-1 ', 'b-1/../b-2', '${aws:username}', 'B-1', 'xb-1x', ''].map(
    (batch): Case<SubmitInput> => [
      `the parameter ${JSON.stringify(batch)}`,
      'parameters-fit-their-patterns',
      submitInput({ ...asked({ parameters: { batch } }), rule: parametrised }),
    ],
  ),
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

const escalating = stateAfter(requestFold, [
  submitted({
    stages: [{ people: 1, from: 'leads', escalate: { after_seconds: 900, to: 'security' } }],
  }),
]);
const standingIn = (from: string, until: string) => ({
  ...rule,
  delegates: [{ for: 'leads', to: 'security', from, until }],
});

eachRuleStands('reviewing', reviewingRules, reviewInput(), decideReview, [
  ...passkeyCases(reviewInput(), {
    name: 'lea',
    act: null,
    wanting: reviewInput({ rule: wantingPasskeys }),
  }),
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
  [
    'the review of somebody for whom it is asked',
    'approver-is-not-requester',
    reviewInput({
      state: { ...pending, people: ['p-maya', 'p-lea'] },
      statement: statement({ people: ['p-maya', 'p-lea'] }),
      tickets: ticketsOf(found(), 'maya', 'lea'),
    }),
  ],
  [
    "the requester's review under another login of theirs",
    'approver-is-not-requester',
    reviewInput({ humans: { humans: { maya: ['p-maya', 'p-lea'] } } }),
  ],
  [
    'the same human again under another login',
    'reviewer-has-not-reviewed-before',
    reviewInput({
      state: stateAfter(requestFold, [
        submitted({ stages: [{ people: 2, from: 'leads', escalate: null }] }),
        reviewed({ reviewer: 'p-leah', nonce: 'n-0' }),
      ]),
      humans: { humans: { lea: ['p-lea', 'p-leah'] } },
    }),
  ],
  [
    'the group it escalates to, a millisecond early',
    'reviewer-is-in-the-stage-group',
    reviewInput({
      state: escalating,
      groups: ['security'],
      nowMs: NOON_MS + 899_999,
      statement: statement({ expires_at_ms: NOON_MS + 960_000 }),
    }),
  ],
  [
    'a delegate a millisecond before the first day',
    'reviewer-is-in-the-stage-group',
    reviewInput({ groups: ['security'], rule: standingIn('2026-05-05', '2026-05-06') }),
  ],
  [
    'a delegate after the last day',
    'reviewer-is-in-the-stage-group',
    reviewInput({ groups: ['security'], rule: standingIn('2026-05-01', '2026-05-03') }),
  ],
  [
    'a delegate for another group',
    'reviewer-is-in-the-stage-group',
    reviewInput({ groups: ['admins'], rule: standingIn('2026-05-01', '2026-05-05') }),
  ],
  [
    'a reviewer whose groups are of before an outage',
    'membership-is-fresh',
    reviewInput({ actor: actor('lea', { membership: 'cached' }) }),
  ],
  ['a reviewer who has left', 'person-has-not-left', reviewInput({ peopleWhoLeft: ['p-lea'] })],
  ['an approval for whoever has left', 'person-has-not-left', reviewInput({ peopleWhoLeft: ['p-maya'] })],
  [
    'an extension of a grant that was revoked since',
    'extended-grant-was-not-revoked',
    reviewInput({ extended: grantOf(granted(opening('s-1'), opened('s-1'), revokeRequested())) }),
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
      ['other people', { people: ['p-omar'] }],
      ['more people', { people: ['p-maya', 'p-omar'] }],
      ['another place', { targets: ['payments-prod'] }],
      ['another start', { start_ms: NOON_MS + 1 }],
      ['another policy', { policy_digest: otherRule }],
      ['another rule', { rule_digest: otherRule }],
      ['another ticket', { ticket_digest: otherRule }],
      ['no ticket', { ticket_digest: null }],
      ['another log', { log: { ...statement().log, origin: 'other.example' } }],
      ['a time that has come', { expires_at_ms: NOON_MS }],
      ['a time too far away', { expires_at_ms: NOON_MS + 300_001 }],
    ] satisfies readonly (readonly [string, Parameters<typeof statement>[0]])[]
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
    'a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    reviewInput({ reviewer: unvouched('f-lea') }),
  ],
  [
    'an older factor on the day of a recovery',
    'recovered-factor-rests-a-day',
    reviewInput({
      reviewer: {
        ...person('f-lea'),
        factors: { ...person('f-lea').factors, ...recovered('f-new').factors },
      },
    }),
  ],
  [
    'a factor recovered less than a day ago',
    'recovered-factor-rests-a-day',
    reviewInput({
      reviewer: recovered('f-lea', { enrolledAtMs: NOON_MS - 86_400_000 + 1 }),
    }),
  ],
  [
    'a factor that is not theirs',
    'recovered-factor-rests-a-day',
    reviewInput({ reviewer: person('f-other') }),
  ],
]);

const over = granted(ended());
const approvedByTwo = stateAfter(requestFold, [
  submitted(),
  reviewed({ reviewer: 'p-leah', nonce: 'n-0' }),
  reviewed(),
  approved(),
]);

eachRuleStands('opening', openingRules, openInput(), decideOpen, [
  ...passkeyCases(openInput(), {
    name: 'maya',
    act: { purpose: 'open', about: 'g-1', digest: null },
    wanting: openInput({ shown: shown('maya'), rule: wantingPasskeys }),
  }),
  [
    "another's grant",
    'grant-belongs-to-the-caller',
    openInput({ actor: actor('omar', { keyThumbprint: 'key-of-maya' }) }),
    'factor-is-proved',
  ],
  ['somebody who has left', 'person-has-not-left', openInput({ peopleWhoLeft: ['p-maya'] })],
  [
    'groups of before an outage',
    'membership-is-fresh',
    openInput({ actor: actor('maya', { membership: 'cached' }) }),
  ],
  [
    'a grant a millisecond before its start',
    'grant-has-begun',
    openInput({ grant: { ...grantOf(granted()), startsAtMs: NOON_MS + 1 } }),
    'grant-is-usable',
  ],
  [
    'an extension of a grant that was revoked',
    'extended-grant-was-not-revoked',
    openInput({ extended: grantOf(granted(opening('s-1'), opened('s-1'), revokeRequested())) }),
  ],
  [
    'what somebody approved who has left',
    'approver-has-not-left',
    openInput({ approversWhoLeft: ['p-lea'] }),
  ],
  [
    'what was approved with a factor that is gone',
    'approver-still-has-the-factor',
    openInput({ approversWithoutFactor: ['p-lea'] }),
  ],
  [
    'a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    openInput({
      shown: shown('maya'),
      factorStates: { ...openInput().factorStates, person: unvouched('f-maya') },
    }),
  ],
  [
    'an approval of what the policy says now is another login of theirs',
    'approvals-are-of-other-humans',
    openInput({ humans: { humans: { maya: ['p-maya', 'p-lea'] } } }),
  ],
  [
    'two approvals of what the policy says now is one human',
    'approvals-are-of-other-humans',
    openInput({ humans: { humans: { lea: ['p-leah', 'p-lea'] } } }, approvedByTwo),
  ],
  [
    'an approval of what the policy says now is another login of who answers for the workload',
    'reviewer-sponsors-not-the-workload',
    openInput({
      state: { ...granted(), byWorkload: true },
      rule: {
        ...rule,
        workloads: { deploy: { issuer: 'i', subject: 's', sponsor: 'release' } },
        groups: { ...rule.groups, release: { idp: 'release', issuer: null, until: null } },
      },
      humans: { humans: { lea: ['p-lea', 'p-lea-at-work'] } },
    }),
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

type Signing = Parameters<typeof decideSignPolicy>[0];
const signing: Signing = signInput();
eachRuleStands('publishing', publishingRules, signing, decideSignPolicy, [
  ...passkeyCases<Signing>(signing, {
    name: 'ann',
    act: null,
    wanting: { ...signing, demanded: 'passkey' },
  }),
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
    { ...signing, standing: ['p-ann'] },
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
  ['somebody who has left', 'person-has-not-left', { ...signing, peopleWhoLeft: ['p-ann'] }],
  [
    'a second signature of one human by another login',
    'reviewer-has-not-reviewed-before',
    { ...signing, standing: ['p-ann-at-home'], humans: { humans: { Ann: ['p-ann', 'p-ann-at-home'] } } },
  ],
  [
    'a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    { ...signing, reviewer: unvouched('f-ann') },
  ],
  ['a factor recovered today', 'recovered-factor-rests-a-day', { ...signing, reviewer: recovered('f-ann') }],
]);

type Judging = Parameters<typeof decideBreakGlassReview>[0];
const judging: Judging = breakGlassReviewInput();
eachRuleStands('judging an emergency', breakGlassReviewRules, judging, decideBreakGlassReview, [
  ...passkeyCases<Judging>(judging, {
    name: 'sid',
    act: null,
    wanting: { ...judging, demanded: 'passkey' },
  }),
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
  ...(['request', 'request_leaf', 'requester', 'reviewer'] as const).map(
    (field): Case<typeof judging> => [
      `a statement with another ${field}`,
      'statement-is-what-stands',
      { ...judging, statement: { ...judging.statement, [field]: 'p-other' } },
    ],
  ),
  ['a root the log never had', 'statement-is-what-stands', { ...judging, logFits: false }],
  ['a statement that has expired', 'statement-is-what-stands', { ...judging, nowMs: NOON_MS + 60_000 }],
  ['a nonce used before', 'statement-nonce-is-fresh', { ...judging, nonces: ['n-1'] }],
  ['somebody who has left', 'person-has-not-left', { ...judging, peopleWhoLeft: ['p-sid'] }],
  [
    'another login of whoever had it',
    'break-glass-reviewer-is-somebody-else',
    { ...judging, humans: { humans: { Maya: ['p-maya', 'p-sid'] } } },
  ],
  [
    'another login of whoever judged it before',
    'break-glass-reviewer-is-somebody-else',
    {
      ...judging,
      use: { ...judging.use, reviews: [{ reviewer: 'p-sid-at-home', verdict: 'justified' }] },
      humans: { humans: { Sid: ['p-sid', 'p-sid-at-home'] } },
    },
  ],
  [
    'a recovered factor that nobody vouched for',
    'recovered-factor-is-vouched',
    { ...judging, reviewer: unvouched('f-sid') },
  ],
  ['a factor recovered today', 'recovered-factor-rests-a-day', { ...judging, reviewer: recovered('f-sid') }],
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
    expect(told(decided[what]())).toEqual({
      events: ['command.refused'],
      refusal: 'factor-is-strong-enough',
    });
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
