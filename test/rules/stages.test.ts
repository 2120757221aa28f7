import { expect, test } from 'vitest';
import type { Delegation } from '../../src/domain/policy/policy.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import { decideReview } from '../../src/domain/request/review.ts';
import { currentStage, isOn, reviewRight } from '../../src/domain/request/stage.ts';
import { reviewed, reviewInput, statement, submitted } from '../domain/cases.ts';
import { NOON_MS, stateAfter } from '../domain/story.ts';

/** Whose turn it is, to the millisecond: what the rules on reviewers rest on. */

const QUARTER_MS = 900_000;
const stages = [
  { people: 2, from: 'leads', escalate: { after_seconds: 900, to: 'security' } },
  { people: 1, from: 'security', escalate: null },
];
const after = (...reviews: ReturnType<typeof reviewed>[]) =>
  stateAfter(requestFold, [submitted({ stages }), ...reviews]);
const byLea = reviewed({ reviewer: 'p-lea' });
const byTom = reviewed({ reviewer: 'p-tom' });
const bySid = reviewed({ reviewer: 'p-sid', stage: 1 });

test('a stage has its turn until as many have approved as it needs, and then the next', () => {
  const standing = (...reviews: ReturnType<typeof reviewed>[]) => {
    const stage = currentStage(after(...reviews));
    return stage && [stage.stage, stage.from, stage.have];
  };
  expect(standing()).toEqual([0, 'leads', 0]);
  expect(standing(byLea)).toEqual([0, 'leads', 1]);
  expect(standing(byLea, byTom)).toEqual([1, 'security', 0]);
  expect(standing(byLea, byTom, bySid)).toBeUndefined();
});

test('what another stage approved is not counted for this one', () => {
  expect(currentStage(after(byLea, reviewed({ reviewer: 'p-sid', stage: 1 })))).toMatchObject({
    stage: 0,
    have: 1,
  });
});

const first = currentStage(after());
const last = currentStage(after(byLea, byTom));
if (first === undefined || last === undefined) throw new Error('two stages wait');
const delegation: Delegation = { for: 'leads', to: 'deputies', from: '2026-05-05', until: '2026-05-06' };
const FIRST_MS = Date.UTC(2026, 4, 5);
const LAST_MS = Date.UTC(2026, 4, 7) - 1;

test('the stage’s own group may decide at once; the one it escalates to from the very millisecond on', () => {
  expect(reviewRight(first, ['leads'], [], NOON_MS)).toBe('stage');
  expect(reviewRight(first, ['security'], [], NOON_MS + QUARTER_MS - 1)).toBeUndefined();
  expect(reviewRight(first, ['security'], [], NOON_MS + QUARTER_MS)).toBe('escalation');
  expect(reviewRight(first, ['leads', 'security'], [], NOON_MS + QUARTER_MS)).toBe('stage');
});

test('a stage that does not escalate waits for its own group, however long', () => {
  expect(reviewRight(last, ['leads'], [], NOON_MS + 365 * 86_400_000)).toBeUndefined();
  expect(reviewRight(last, ['security'], [], NOON_MS)).toBe('stage');
});

test('nobody decides by a group that has no turn, nor by none', () => {
  expect(reviewRight(first, ['others'], [], NOON_MS + QUARTER_MS)).toBeUndefined();
  expect(reviewRight(first, [], [delegation], FIRST_MS)).toBeUndefined();
});

test('a delegate stands in from the first millisecond of the first day to the last of the last', () => {
  const right = (nowMs: number) => reviewRight(first, ['deputies'], [delegation], nowMs);
  expect([right(FIRST_MS - 1), right(FIRST_MS), right(LAST_MS), right(LAST_MS + 1)]).toEqual([
    undefined,
    'delegation',
    'delegation',
    undefined,
  ]);
  expect([isOn(delegation, FIRST_MS), isOn(delegation, FIRST_MS - 1)]).toEqual([true, false]);
});

test('a delegate stands in for a group whose turn it is, and for no other', () => {
  const forSecurity: Delegation = { ...delegation, for: 'security' };
  expect(reviewRight(first, ['deputies'], [forSecurity], NOON_MS + QUARTER_MS - 1)).toBeUndefined();
  expect(reviewRight(first, ['deputies'], [forSecurity], FIRST_MS)).toBe('delegation'); // escalated by then
  expect(reviewRight(last, ['deputies'], [delegation], FIRST_MS)).toBeUndefined();
});

test('the entry of a review says by what right', () => {
  const state = after();
  const sign = (groups: readonly string[], nowMs: number) => {
    const input = reviewInput({ state, groups, nowMs });
    const signed = statement({ request_leaf: state.submittedLeaf, expires_at_ms: nowMs + 60_000 });
    const { events } = decideReview({ ...input, statement: signed });
    return events.flatMap(({ type, body }) =>
      type === 'countersign.request.reviewed.v1' && 'right' in body ? [body.right] : [],
    );
  };
  expect(sign(['leads'], NOON_MS)).toEqual(['stage']);
  expect(sign(['security'], NOON_MS + QUARTER_MS)).toEqual(['escalation']);
});
