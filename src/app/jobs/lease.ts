import type { Broker } from '../broker.ts';

/** How long a broker that died keeps others waiting, beyond a job's own pause. */
const WITHOUT_A_SIGN_MS = 15_000;

/** One broker's hold on a job. */
export interface Lease {
  /**
   * Takes the job or goes on holding it; asks the store only when half of the time is over. A broker that may not write
   * gets none: its clock is off, or the log does not fit.
   */
  hold(): Promise<boolean>;
  /** By this process's own time, which tells one that was paused that somebody else may have the job by now. */
  isHeld(): boolean;
  /** Never rejects: what cannot be given back ends by itself. */
  giveBack(): Promise<void>;
}

/** As much of a broker as holds a job. */
export type Holder = Pick<Broker, 'id' | 'store' | 'sequencer' | 'clock' | 'report'>;

/** @param pauseMs for how long the holder does nothing between two rounds */
export function leaseOf(holder: Holder, job: string, pauseMs: number): Lease {
  const forMs = pauseMs + WITHOUT_A_SIGN_MS;
  let untilMs: number | null = null;
  /** Also when a call failed half-way. */
  let mayHold = false;
  const mayWrite = () => holder.sequencer.status().writable;
  return {
    isHeld: () => untilMs !== null && holder.clock.monotonicMs() < untilMs,
    async hold() {
      const askedAtMs = holder.clock.monotonicMs();
      if (!mayWrite()) return false;
      if (untilMs !== null && untilMs - askedAtMs > forMs / 2) return true;
      // The log's end may show that this clock is behind.
      await holder.sequencer.read([]);
      if (!mayWrite()) return false;
      mayHold = true;
      mayHold = await holder.store.leases.take(job, holder.id, forMs);
      // Counted from before the question: it never ends later here than in the store.
      untilMs = mayHold ? askedAtMs + forMs : null;
      return mayHold;
    },
    async giveBack() {
      untilMs = null;
      if (!mayHold) return;
      mayHold = false;
      await holder.store.leases.release(job, holder.id).catch(() => undefined);
    },
  };
}
