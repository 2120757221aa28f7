import { expect, test } from 'vitest';
import { decideBreakGlassReview } from '../../src/domain/break-glass/review.ts';
import type { Judgement } from '../../src/domain/judgement.ts';
import { decideLeave, decideReturn } from '../../src/domain/person/leave.ts';
import { decideConfirmReset, decideRequestReset } from '../../src/domain/person/reset.ts';
import { personFold } from '../../src/domain/person/state.ts';
import { decideVouch } from '../../src/domain/person/vouch.ts';
import { decideVouchRecovery } from '../../src/domain/person/vouch-recovery.ts';
import type { Humans } from '../../src/domain/policy/humans.ts';
import type { Group, ResolvedRule } from '../../src/domain/policy/policy.ts';
import { decideSignPolicy } from '../../src/domain/policy-change/publish.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { decideWriteTicket } from '../../src/domain/ticket/write.ts';
import {
  actor,
  breakGlassReviewInput,
  factorStates,
  found,
  pending,
  person,
  reviewed,
  reviewInput,
  rule,
  shown,
  signInput,
  submitted,
  ticketsOf,
} from './cases.ts';
import { NOON_MS, stateAfter, told } from './story.ts';

/** Wherever another human is asked for, another login of the same human is not one. */
type Row = readonly [
  what: string,
  rule: string,
  linked: readonly string[],
  decide: (humans: Humans) => Judgement,
];

const byTwo = stateAfter(requestFold, [
  submitted({ stages: [{ people: 2, from: 'leads', escalate: null }] }),
  reviewed({ reviewer: 'p-tomas' }),
]);
const forTwo = stateAfter(requestFold, [submitted({ people: ['p-maya', 'p-omar'] })]);
const ofWorkload = { ...pending, byWorkload: true };
const sponsoredBy = (platform: Group): ResolvedRule => ({
  ...rule,
  workloads: { deploy: { issuer: 'i', subject: 's', sponsor: 'platform' } },
  groups: { ...rule.groups, platform },
});
const named: Group = {
  idp: null,
  issuer: null,
  until: null,
  people: [{ person: 'p-lea-at-work', until: null }],
};
const toldByProvider: Group = { idp: 'platform', issuer: null, until: null };

const vouching = (humans: Humans, other = personFold.initial) => ({
  actor: actor('omar'),
  forPerson: 'p-lea' as const,
  other,
  humans,
  peopleWhoLeft: [],
  shown: shown('omar'),
  demanded: 'totp' as const,
  factorStates: factorStates('omar'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
  code: 'v-1' as const,
  factor: null,
});
const administering = (name: string, humans: Humans) => ({
  actor: actor(name),
  about: 'p-lea' as const,
  groups: ['admins'],
  publishers: { group: 'admins' },
  humans,
  peopleWhoLeft: [],
  reason: 'x',
  shown: shown(name),
  demanded: 'totp' as const,
  factorStates: factorStates(name),
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
const leaving = (humans: Humans, left: boolean) => ({
  ...administering('ann', humans),
  identities: [{ person: 'p-lea', left }],
  listed: null,
  publishNeeds: 2,
});
const resetting = (name: string, humans: Humans) => {
  const resets = {
    'x-1': { requestedBy: 'p-ann', requestedAtMs: 0, expiresAtMs: NOON_MS + 1, seq: 1, factor: 'f-ann' },
  };
  const asked = { ...person('f-lea'), resets: name === 'bob' ? resets : {} };
  return {
    ...administering(name, humans),
    policyPublishedAtMs: 0,
    other: asked,
    reset: 'x-1' as const,
    requesterStands: true,
  };
};
const judging = breakGlassReviewInput();
const ticket = (humans: Humans, creator: string, assignee: string) => ({
  actor: actor('lea'),
  groups: ['leads'],
  humans,
  state: {
    ticket: {
      source: 'register',
      project: 'CHG',
      state: 'open' as const,
      creator,
      responders: [],
      assignee: { person: assignee, named_by: 'p-bob' },
      approved_by: null,
      window: null,
    },
    seq: 1,
    writtenAtMs: NOON_MS,
  },
  change: { state: 'approved' as const },
  source: 'register',
  project: 'CHG',
  ticket: '7',
  name: 'CHG-7',
  title: 'x',
  refusals: { count: 0 },
  nowMs: NOON_MS,
});

const rows: readonly Row[] = [
  [
    'signs off their own request',
    'approver-is-not-requester',
    ['p-lea', 'p-maya'],
    (humans) => decideReview(reviewInput({ humans })),
  ],
  [
    'signs off what is asked for them',
    'approver-is-not-requester',
    ['p-lea', 'p-omar'],
    (humans) =>
      decideReview(
        reviewInput({
          humans,
          state: forTwo,
          statement: {
            ...reviewInput().statement,
            people: ['p-maya', 'p-omar'],
            request_leaf: forTwo.submittedLeaf,
          },
          tickets: ticketsOf(found(), 'maya', 'omar'),
        }),
      ),
  ],
  [
    'signs a request twice',
    'reviewer-has-not-reviewed-before',
    ['p-lea', 'p-tomas'],
    (humans) =>
      decideReview(
        reviewInput({
          humans,
          state: byTwo,
          statement: { ...reviewInput().statement, nonce: 'n-2', request_leaf: byTwo.submittedLeaf },
        }),
      ),
  ],
  [
    'signs for a workload that they sponsor, by a list',
    'reviewer-sponsors-not-the-workload',
    ['p-lea', 'p-lea-at-work'],
    (humans) => decideReview(reviewInput({ humans, state: ofWorkload, rule: sponsoredBy(named) })),
  ],
  [
    'signs for a workload that they may sponsor, by what a provider would tell of the other login',
    'reviewer-sponsors-not-the-workload',
    ['p-lea', 'p-lea-at-work'],
    (humans) => decideReview(reviewInput({ humans, state: ofWorkload, rule: sponsoredBy(toldByProvider) })),
  ],
  [
    'vouches for a factor of theirs',
    'voucher-is-another-human',
    ['p-omar', 'p-lea'],
    (humans) => decideVouch(vouching(humans)),
  ],
  [
    'vouches for a recovery of theirs',
    'voucher-is-another-human',
    ['p-omar', 'p-lea'],
    (humans) => decideVouchRecovery(vouching(humans, person('f-lea', { means: 'recovery-code' }))),
  ],
  [
    'signs a policy twice',
    'reviewer-has-not-reviewed-before',
    ['p-ann', 'p-bob'],
    (humans) => decideSignPolicy({ ...signInput(), standing: ['p-bob'], humans }),
  ],
  [
    'judges their own emergency',
    'break-glass-reviewer-is-somebody-else',
    ['p-sid', 'p-maya'],
    (humans) => decideBreakGlassReview({ ...judging, humans }),
  ],
  [
    'judges an emergency twice',
    'break-glass-reviewer-is-somebody-else',
    ['p-sid', 'p-sol'],
    (humans) => {
      const use = { ...judging.use, reviews: [{ reviewer: 'p-sol', verdict: 'justified' as const }] };
      return decideBreakGlassReview({ ...judging, use, humans });
    },
  ],
  [
    'records their own leaving',
    'administrator-records-leaving',
    ['p-ann', 'p-lea'],
    (humans) => decideLeave(leaving(humans, false)),
  ],
  [
    'records their own return',
    'administrator-records-leaving',
    ['p-ann', 'p-lea'],
    (humans) => decideReturn(leaving(humans, true)),
  ],
  [
    'asks for a reset of their own factors',
    'reset-takes-two-humans',
    ['p-ann', 'p-lea'],
    (humans) => decideRequestReset(resetting('ann', humans)),
  ],
  [
    'confirms a reset of their own factors',
    'reset-takes-two-humans',
    ['p-bob', 'p-lea'],
    (humans) => decideConfirmReset(resetting('bob', humans)),
  ],
  [
    'confirms a reset they asked for',
    'reset-takes-two-humans',
    ['p-bob', 'p-ann'],
    (humans) => decideConfirmReset(resetting('bob', humans)),
  ],
  [
    'approves a change they opened',
    'ticket-editor-is-entitled',
    ['p-lea', 'p-maya'],
    (humans) => decideWriteTicket(ticket(humans, 'p-maya', 'p-tom')),
  ],
  [
    'approves a change they carry out',
    'ticket-editor-is-entitled',
    ['p-lea', 'p-tom'],
    (humans) => decideWriteTicket(ticket(humans, 'p-maya', 'p-tom')),
  ],
];

test.each(rows.map(([what, by, linked, decide]) => ({ what, by, linked, decide })))(
  'no human $what by another login: $by',
  ({ by, linked, decide }) => {
    expect(told(decide({ humans: { somebody: linked } })).refusal).toBe(by);
    expect(told(decide({})).refusal).toBeUndefined();
    expect(told(decide({ humans: { others: ['p-x', 'p-y'] } })).refusal).toBeUndefined();
  },
);
