import { expect, test } from 'vitest';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideNudge, nudgingRules } from '../../src/domain/request/nudge.ts';
import { nudgeFromMs } from '../../src/domain/request/rules/nudges-are-bounded.ts';
import type { RequestState } from '../../src/domain/request/state.ts';
import { actor, nudged, POLICY, submitted, withdrawn } from '../domain/cases.ts';
import { eachRuleStands } from '../domain/each-rule-stands.ts';
import { NOON_MS, stateAfter, told } from '../domain/story.ts';
import { ordersPolicy } from '../orders-policy.ts';

const QUARTER_MS = 900_000;
const HOUR_MS = 3_600_000;
const told_ = { zone_owners: [], requesters: [], administrators: [] } as const;
const asked = (...more: Parameters<typeof stateAfter>[1]): RequestState =>
  stateAfter(requestFold, [submitted({ people: ['p-maya', 'p-rosa'] }), ...more]);

const nudging = (more: Partial<Parameters<typeof decideNudge>[0]> = {}) => ({
  actor: actor('maya'),
  state: asked(),
  policy: { ...ordersPolicy, notify: { ...told_, reviewers: ['email' as const] } },
  policyDigest: POLICY,
  refusals: { count: 0 },
  nowMs: NOON_MS + QUARTER_MS,
  ...more,
});

eachRuleStands('nudging', nudgingRules, nudging(), decideNudge, [
  ['one of its reviewers', 'request-belongs-to-the-caller', nudging({ actor: actor('lea') })],
  ['what was taken back', 'request-is-pending', nudging({ state: asked(withdrawn()) })],
  ['a moment after it was asked', 'nudges-are-bounded', nudging({ nowMs: NOON_MS + QUARTER_MS - 1 })],
  [
    'within an hour of the last',
    'nudges-are-bounded',
    nudging({ state: asked(nudged()), nowMs: NOON_MS + HOUR_MS - 1 }),
  ],
  [
    'a fourth time',
    'nudges-are-bounded',
    nudging({ state: asked(nudged(), nudged(), nudged()), nowMs: NOON_MS + 5 * HOUR_MS }),
  ],
  ['where the policy tells reviewers nothing', 'nudge-is-heard', nudging({ policy: ordersPolicy })],
]);

test('whoever it is for may remind its reviewers as well', () => {
  expect(told(decideNudge(nudging({ actor: actor('rosa') }))).events).toEqual(['request.nudged']);
});

test('a reminder goes to whose turn it is, to whom it escalated, and to who stands in for them that day', () => {
  const stages = [{ people: 1, from: 'leads', escalate: { after_seconds: 3600, to: 'security' } }];
  const state = stateAfter(requestFold, [submitted({ stages })]);
  const { policy } = nudging();
  const delegates = [{ for: 'security', to: 'admins', from: '2026-05-04', until: '2026-05-04' }];
  const heardAt = (afterMs: number) => {
    const input = nudging({ state, policy: { ...policy, delegates }, nowMs: NOON_MS + afterMs });
    return decideNudge(input).events.map(({ body }) => 'hear' in body && body.hear);
  };
  expect([heardAt(QUARTER_MS), heardAt(HOUR_MS)]).toEqual([[['leads']], [['leads', 'security', 'admins']]]);
});

test.each([
  ['a quarter of an hour after it was asked', asked(), NOON_MS + QUARTER_MS],
  ['an hour after the last', asked(nudged()), NOON_MS + HOUR_MS],
  ['no more after three', asked(nudged(), nudged(), nudged()), null],
  [
    'no more when it would be too late',
    stateAfter(requestFold, [submitted({ review_by_ms: NOON_MS + HOUR_MS }), nudged()]),
    null,
  ],
])('it can be done next %s', (_, state, fromMs) => {
  expect(nudgeFromMs(state)).toBe(fromMs);
});
