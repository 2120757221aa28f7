import type { Clock } from '../ports.ts';

const MOST_DRIFT_MS = 60_000;
const MOST_LAG_MS = 5_000;

/** Why no entry may be stamped now; null: the clock can be believed. */
export type ClockGuard = (headTimeMs: number) => string | null;

/**
 * Compares wall and monotonic time since the start. A wall clock that jumped ahead would freeze the log in the
 * future, since an entry's time never goes back; one that jumped back would bring expired things to life.
 */
export function clockGuard(clock: Clock): ClockGuard {
  const startWallMs = clock.nowMs();
  const startMonotonicMs = clock.monotonicMs();
  return (headTimeMs) => {
    const nowMs = clock.nowMs();
    const driftMs = nowMs - startWallMs - (clock.monotonicMs() - startMonotonicMs);
    if (Math.abs(driftMs) > MOST_DRIFT_MS) {
      return `the clock has moved ${seconds(driftMs)} against the time that passed since the start; set it right, or restart once it is`;
    }
    if (nowMs < headTimeMs - MOST_LAG_MS) {
      return `the clock is ${seconds(headTimeMs - nowMs)} behind the log's last entry; set it right`;
    }
    return null;
  };
}

const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;
