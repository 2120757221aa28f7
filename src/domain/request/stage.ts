import type { StoredData } from '../events.ts';
import { lasts } from '../policy/membership.ts';
import type { Delegation } from '../policy/policy.ts';
import type { RequestState } from './state.ts';

export interface CurrentStage {
  readonly stage: number;
  readonly from: string;
  readonly people: number;
  readonly have: number;
  /** When its turn came, milliseconds since 1970. */
  readonly openedAtMs: number;
  readonly escalate: RequestState['stages'][number]['escalate'];
}

/** Where the reviewing stands: the first stage that still lacks people, or undefined when all have signed. */
export function currentStage(state: RequestState): CurrentStage | undefined {
  let openedAtMs = state.submittedAtMs;
  for (const [stage, { people, from, escalate }] of state.stages.entries()) {
    const approvals = state.reviews.filter(
      (review) => review.stage === stage && review.verdict === 'approve',
    );
    if (approvals.length < people) {
      return { stage, from, people, have: approvals.length, openedAtMs, escalate };
    }
    openedAtMs = Math.max(openedAtMs, ...approvals.map(({ atMs }) => atMs));
  }
  return undefined;
}

/** The moment from which the group it escalates to may decide; null: never. */
export const escalatesAtMs = ({ escalate, openedAtMs }: CurrentStage): number | null =>
  escalate === null ? null : openedAtMs + escalate.after_seconds * 1000;

/** The groups whose turn it is: the stage's own and, once it has waited long enough, the one it escalates to. */
export function groupsOfStage(stage: CurrentStage, nowMs: number): readonly string[] {
  const escalatesMs = escalatesAtMs(stage);
  return stage.escalate !== null && escalatesMs !== null && nowMs >= escalatesMs
    ? [stage.from, stage.escalate.to]
    : [stage.from];
}

export type ReviewRight = StoredData<'countersign.request.reviewed.v1'>['right'];

/** By what right somebody in `groups` may decide the stage now; undefined: by none. */
export function reviewRight(
  stage: CurrentStage,
  groups: readonly string[],
  delegates: readonly Delegation[],
  nowMs: number,
): ReviewRight | undefined {
  const asked = groupsOfStage(stage, nowMs);
  if (groups.includes(stage.from)) return 'stage';
  if (asked.some((group) => groups.includes(group))) return 'escalation';
  const standsIn = delegates.some(
    (delegation) =>
      asked.includes(delegation.for) && groups.includes(delegation.to) && isOn(delegation, nowMs),
  );
  return standsIn ? 'delegation' : undefined;
}

/** Whole days in UTC, the first and the last included. */
export const isOn = ({ from, until }: Delegation, nowMs: number): boolean =>
  nowMs >= Date.parse(`${from}T00:00:00.000Z`) && lasts(until, nowMs);
