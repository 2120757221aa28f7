import type { Clock } from '../../src/app/ports.ts';

/** A clock that moves only when it is told to. */
export function turnedClock(startMs: number): Clock & { advance(milliseconds: number): void } {
  let passedMs = 0;
  return {
    nowMs: () => startMs + passedMs,
    monotonicMs: () => passedMs,
    advance(milliseconds) {
      passedMs += milliseconds;
    },
  };
}
