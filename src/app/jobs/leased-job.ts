import type { Job, Tenure } from './job.ts';
import { type Holder, type Lease, leaseOf } from './lease.ts';

/** Of a broker that does not have the job. */
const ASK_EVERY_MS = 5_000;
/** Between attempts at a round; after the last one somebody else may try, and this broker stands back. */
const AFTER_FAILURE_MS = [1_000, 5_000];
const STAND_BACK_MS = 20_000;

/** A job as one of several brokers does it, in steps that somebody calls: a timer, an alarm, a simulation. */
export interface LeasedJob {
  /**
   * Does a round if this broker has the job or can get it. One step at a time.
   * @returns after how many milliseconds to call it again; never rejects
   */
  step(): Promise<number>;
  /** Ends the step that is under way, and gives the job to whoever asks next. */
  stop(): Promise<void>;
}

interface Run {
  readonly holder: Holder;
  readonly job: Job;
  readonly lease: Lease;
  tenure: Tenure | undefined;
  /** In a row. */
  failures: number;
  stopped: boolean;
}

export function leasedJob(holder: Holder, job: Job): LeasedJob {
  const lease = leaseOf(holder, job.name, job.pauseMs);
  const run: Run = { holder, job, lease, tenure: undefined, failures: 0, stopped: false };
  let underWay: Promise<unknown> = Promise.resolve();
  return {
    step() {
      const step = attempt(run);
      underWay = step;
      return step;
    },
    async stop() {
      run.stopped = true;
      await run.tenure?.stop();
      await underWay;
      await giveUp(run);
    },
  };
}

async function attempt(run: Run): Promise<number> {
  if (run.stopped) return ASK_EVERY_MS;
  try {
    if (run.tenure !== undefined && !run.lease.isHeld()) await giveUp(run);
    if (!(await run.lease.hold())) {
      await giveUp(run);
      return ASK_EVERY_MS;
    }
    if (run.stopped) return ASK_EVERY_MS;
    run.tenure ??= run.job.begin();
    await run.tenure.round(() => goesOn(run));
    run.failures = 0;
    return run.job.pauseMs;
  } catch (error) {
    return failed(run, error);
  }
}

const goesOn = async ({ stopped, lease }: Run): Promise<boolean> =>
  !stopped && lease.isHeld() && (await lease.hold());

async function failed(run: Run, error: unknown): Promise<number> {
  run.failures += 1;
  run.holder.report({ what: `the job ${run.job.name} failed; it is tried again`, error });
  const pauseMs = AFTER_FAILURE_MS[run.failures - 1];
  if (pauseMs !== undefined) return pauseMs;
  await giveUp(run);
  return STAND_BACK_MS;
}

/** What is under way is given up first: whoever has the job next begins with what the log says. */
async function giveUp(run: Run): Promise<void> {
  const { tenure } = run;
  run.tenure = undefined;
  await tenure
    ?.stop()
    .catch((error: unknown) => run.holder.report({ what: `the job ${run.job.name} did not stop`, error }));
  await run.lease.giveBack();
}
