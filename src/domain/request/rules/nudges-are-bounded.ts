import type { Rule } from '../../rule.ts';
import { currentStage } from '../stage.ts';
import type { RequestState } from '../state.ts';

/** Of one request, by whomever: more would teach its reviewers to look away. */
export const NUDGES_ALLOWED = 3;
const BETWEEN_NUDGES_MS = 3_600_000;
/** Nobody is reminded of what they were told a moment ago. */
export const LEAST_BEFORE_REMINDING_MS = 15 * 60_000;

/** From when its reviewers may be reminded (again), milliseconds since 1970; null: no more. */
export function nudgeFromMs(state: RequestState): number | null {
  const stage = currentStage(state);
  if (stage === undefined || state.nudges.length >= NUDGES_ALLOWED) return null;
  const last = state.nudges.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY;
  const from = Math.max(stage.openedAtMs + LEAST_BEFORE_REMINDING_MS, last + BETWEEN_NUDGES_MS);
  return from < state.reviewByMs ? from : null;
}

export const nudgesAreBounded: Rule<{ readonly state: RequestState; readonly nowMs: number }> = {
  name: 'nudges-are-bounded',
  refuses({ state, nowMs }) {
    const from = nudgeFromMs(state);
    if (from !== null && nowMs >= from) return undefined;
    const times = state.nudges.length;
    return from === null
      ? `Its reviewers were reminded ${times === 1 ? 'once' : `${times} times`} and will not be again before it is too late.`
      : `Its reviewers heard of it a short while ago; remind them from ${new Date(from).toISOString()} on.`;
  },
};
