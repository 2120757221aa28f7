import type { Clock } from '../app/ports.ts';

/** Stands until it is moved on; wall and monotonic time go together. */
export interface SetClock extends Clock {
  advance(ms: number): void;
}

export function setClock(startMs: number): SetClock {
  let passedMs = 0;
  return {
    nowMs: () => startMs + passedMs,
    monotonicMs: () => passedMs,
    advance(ms) {
      passedMs += ms;
    },
  };
}
