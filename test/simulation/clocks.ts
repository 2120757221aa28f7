import type { Clock } from '../../src/app/ports.ts';

/** The time that is right, which nobody in the simulation can see but the cloud and the people. */
export interface TrueTime {
  nowMs: number;
}

/** A broker's clock: it runs a little fast or slow, and may jump. Its monotonic side only drifts. */
export interface BrokerClock extends Clock {
  jump(byMs: number): void;
  /** As when the time service has set it right. */
  set(offsetMs: number): void;
}

/** @param drift parts of a million that it runs fast */
export function brokerClock(time: TrueTime, drift: number, offsetMs: number): BrokerClock {
  const startMs = time.nowMs;
  let offset = offsetMs;
  const monotonicMs = () => (time.nowMs - startMs) * (1 + drift / 1_000_000);
  let setAtMs = 0;
  return {
    nowMs: () => Math.floor(startMs + monotonicMs() - (setAtMs * drift) / 1_000_000 + offset),
    monotonicMs,
    jump: (byMs) => {
      offset += byMs;
    },
    set: (to) => {
      setAtMs = time.nowMs - startMs;
      offset = to;
    },
  };
}
