import { expect, test } from 'vitest';
import { decideBreakGlassReview } from '../../src/domain/break-glass/review.ts';
import {
  decidePropose,
  decideSignPolicy,
  OPEN_PROPOSALS_ALLOWED,
  proposingRules,
  publisherRules,
} from '../../src/domain/policy-change/publish.ts';
import { decideOpen, sendingRules } from '../../src/domain/request/open.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { decideRevoke, revokingRules } from '../../src/domain/request/revoke.ts';
import { openingRules } from '../../src/domain/request/rules/opening.ts';
import { decideSubmit } from '../../src/domain/request/submit.ts';
import { decideWriteTicket, ticketRules } from '../../src/domain/ticket/write.ts';
import {
  actor,
  breakGlassReviewInput,
  granted,
  grantOf,
  openInput,
  reviewInput,
  shown,
  signInput,
  submitInput,
} from '../domain/cases.ts';
import { eachRuleStands } from '../domain/each-rule-stands.ts';
import { NOON_MS, told } from '../domain/story.ts';
import { asDecision } from './as-decision.ts';

const revoking = (): Parameters<typeof decideRevoke>[0] => ({
  actor: actor('lea'),
  groups: ['leads'],
  state: granted(),
  grant: grantOf(granted()),
  right: 'reviewer',
  channel: 'introspection',
  reason: 'x',
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
eachRuleStands('revoking', revokingRules, revoking(), decideRevoke, [
  // What is written says by what right: without one there is nothing to write.
  ['somebody without a right', 'revoker-is-entitled', { ...revoking(), right: undefined }, 'not-found'],
]);

const administrator = {
  actor: actor('ann'),
  groups: ['admins'] as readonly string[],
  publishers: { group: 'admins' },
};
const outsiders = [
  ['somebody outside the administrators', { groups: ['leads'] }],
  ['a workload', { actor: actor('ann', { kind: 'workload' }) }],
] as const;
eachRuleStands(
  'beginning to publish',
  publisherRules,
  administrator,
  asDecision(publisherRules),
  outsiders.map(
    ([what, more]) => [what, 'publisher-is-administrator', { ...administrator, ...more }] as const,
  ),
);

const { state, proposal } = signInput();
const proposing = () => ({
  ...administrator,
  state,
  body: {
    proposal: 'o-2',
    person: 'p-ann',
    from_digest: state.inForce,
    to_digest: proposal.toDigest,
    text_digest: proposal.toDigest,
    text_bytes: 1,
    canonical_bytes: 1,
    plan: proposal.plan,
    plan_digest: proposal.planDigest,
  },
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
eachRuleStands('proposing a policy', proposingRules, proposing(), decidePropose, [
  ...outsiders.map(
    ([what, more]) => [what, 'publisher-is-administrator', { ...proposing(), ...more }] as const,
  ),
  [
    'over a policy that is no longer in force',
    'proposal-is-current',
    { ...proposing(), state: { ...state, inForce: proposal.planDigest } },
  ],
]);

test('a policy comes into force with the signature that completes the number, and not before', () => {
  const signedAfter = (...standing: readonly string[]) =>
    told(decideSignPolicy({ ...signInput(), standing })).events.includes('policy.published');
  expect([signedAfter(), signedAfter('p-bob'), signedAfter('p-bob', 'p-eve')]).toEqual([false, true, true]);
});

test('who opened a ticket may close it', () => {
  const closing = { ...writing(), actor: actor('maya'), change: { state: 'closed' } as const };
  expect(told(decideWriteTicket(closing)).events).toEqual(['ticket.written']);
});

test('proposing what is in force already, or an eleventh policy, is told so', () => {
  const inForce = { ...proposing(), state: { ...state, inForce: proposal.toDigest } };
  const again = { ...inForce, body: { ...inForce.body, from_digest: proposal.toDigest } };
  expect(told(decidePropose(again))).toEqual({ events: [], refusal: 'conflict' });
  const open = (count: number) => {
    const proposals = Object.fromEntries(Array.from({ length: count }, (_, at) => [`o-${at}`, proposal]));
    return told(decidePropose({ ...proposing(), state: { ...state, proposals } })).refusal;
  };
  expect([open(OPEN_PROPOSALS_ALLOWED - 1), open(OPEN_PROPOSALS_ALLOWED)]).toEqual([undefined, 'conflict']);
});

const writing = (): Parameters<typeof decideWriteTicket>[0] => ({
  actor: actor('lea'),
  groups: ['leads'],
  humans: {},
  state: {
    ticket: {
      source: 'register',
      project: 'CHG',
      state: 'open',
      creator: 'p-maya',
      responders: [],
      assignee: { person: 'p-tom', named_by: 'p-maya' },
      approved_by: null,
      window: null,
    },
    seq: 1,
    writtenAtMs: NOON_MS,
  },
  change: { state: 'approved' },
  source: 'register',
  project: 'CHG',
  ticket: '7',
  name: 'CHG-7',
  title: 'x',
  refusals: { count: 0 },
  nowMs: NOON_MS,
});
eachRuleStands('writing a ticket', ticketRules, writing(), decideWriteTicket, [
  ['a workload', 'ticket-editor-is-entitled', { ...writing(), actor: actor('lea', { kind: 'workload' }) }],
  ['somebody in no group', 'ticket-editor-is-entitled', { ...writing(), groups: [] }],
  ['approved by who opened it', 'ticket-editor-is-entitled', { ...writing(), actor: actor('maya') }],
  [
    'approved by another login of who opened it',
    'ticket-editor-is-entitled',
    { ...writing(), humans: { humans: { maya: ['p-maya', 'p-lea'] } } },
  ],
  [
    'approved by another login of who carries it out',
    'ticket-editor-is-entitled',
    { ...writing(), humans: { humans: { tom: ['p-tom', 'p-lea'] } } },
  ],
  ['approved by who carries it out', 'ticket-editor-is-entitled', { ...writing(), actor: actor('tom') }],
  [
    'approved by whoever becomes its assignee with that',
    'ticket-editor-is-entitled',
    { ...writing(), change: { state: 'approved', assignee: 'p-lea' } },
  ],
]);

const prepare = (more: Partial<ReturnType<ReturnType<typeof openInput>['prepare']>>) =>
  openInput({
    shown: shown('maya'),
    prepare: (grant, endsAtMs) => ({ ...openInput().prepare(grant, endsAtMs), ...more }),
  });
eachRuleStands(
  'sending',
  sendingRules,
  prepare({}),
  (input, rules = sendingRules) => decideOpen(input, openingRules, rules),
  [
    [
      'a wider scope than was approved',
      'session-fits-the-provider',
      prepare({ scope: [...granted().scope, { action: 'batches.drop', resource: '*' }] }),
    ],
    ['a narrower scope than was approved', 'session-fits-the-provider', prepare({ scope: [] })],
    ['what cannot be read back', 'session-fits-the-provider', prepare({ scope: undefined })],
    ['what outlives the grant', 'session-fits-the-provider', prepare({ earliestEndMs: NOON_MS + 1_800_001 })],
  ],
);

/** What a decision that is signed answers when no code, or a wrong one, comes with it: no rule is an array's here. */
const signed: readonly (readonly [string, (code: 'nothing' | 'wrong') => ReturnType<typeof decideReview>])[] =
  [
    ['asking', (kind) => decideSubmit(submitInput({ shown: { kind } }))],
    ['reviewing', (kind) => decideReview(reviewInput({ shown: { kind } }))],
    ['publishing', (kind) => decideSignPolicy({ ...signInput(), shown: { kind } })],
    [
      'judging an emergency',
      (kind) => decideBreakGlassReview({ ...breakGlassReviewInput(), shown: { kind } }),
    ],
  ];
test.each(signed)(
  '%s: without a code it wants one; a wrong code is recorded, and does nothing',
  (_, decide) => {
    expect(told(decide('nothing'))).toEqual({ events: [], refusal: 'factor-is-proved' });
    expect(told(decide('wrong'))).toEqual({ events: ['factor.failed'], refusal: 'factor-wrong' });
  },
);
