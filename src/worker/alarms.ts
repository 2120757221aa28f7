import type { LeasedJob } from '../app/jobs/leased-job.ts';
import type { Store } from '../app/store.ts';

/** What an alarm of a Durable Object is set by. */
export interface AlarmStorage {
  setAlarm(atMs: number): Promise<void>;
}

const SOON_MS = 1_000;
/** Nothing is due and nobody writes: what time alone does may be a minute late, reading is right without it. */
const SELDOM_MS = 60_000;
/** After something was written, for so long: news are told, and what could not be delivered is tried again. */
const LIVELY_MS = 120_000;
/** A job that takes longer goes on by itself; the others are not kept waiting. */
const PATIENCE_MS = 20_000;

export interface Alarms {
  /** Does every job whose time has come, and sets the next alarm. Never rejects for what a job met. */
  ring(): Promise<void>;
  /** To be called after anything that may have written: the next alarm is then soon. */
  stir(): Promise<void>;
}

/** Timed work of a broker that the platform puts to sleep between requests, and wakes by one alarm at a time. */
export function alarms(parts: {
  readonly jobs: readonly LeasedJob[];
  readonly store: Pick<Store, 'head' | 'due'>;
  readonly storage: AlarmStorage;
  /** The broker's time, by which streams are due. */
  readonly nowMs: () => number;
}): Alarms {
  const { store, storage, nowMs } = parts;
  const jobs = parts.jobs.map((job) => ({ job, nextAtMs: 0, isUnderWay: false }));
  let size = -1;
  let livelyUntilMs = 0;
  let setForMs = Number.POSITIVE_INFINITY;

  /** Whether the log has grown since it was last asked. */
  async function hasGrown(): Promise<boolean> {
    const found = (await store.head())?.size ?? 0;
    if (found === size) return false;
    size = found;
    livelyUntilMs = Date.now() + LIVELY_MS;
    return true;
  }

  async function set(atMs: number): Promise<void> {
    setForMs = atMs;
    await storage.setAlarm(atMs);
  }

  async function quietUntilMs(): Promise<number> {
    const [first] = await store.due(nowMs() + SELDOM_MS, 1);
    const inMs = first === undefined ? SELDOM_MS : Math.max(SOON_MS, first.dueAtMs - nowMs());
    return Date.now() + inMs;
  }

  async function step(one: (typeof jobs)[number]): Promise<void> {
    one.isUnderWay = true;
    try {
      one.nextAtMs = Date.now() + (await one.job.step());
    } finally {
      one.isUnderWay = false;
    }
  }

  return {
    async ring() {
      setForMs = Number.POSITIVE_INFINITY;
      const due = jobs.filter(({ isUnderWay, nextAtMs }) => !isUnderWay && nextAtMs <= Date.now());
      await atMost(PATIENCE_MS, Promise.all(due.map(step)));
      await hasGrown();
      await set(Date.now() < livelyUntilMs ? Date.now() + SOON_MS : await quietUntilMs());
    },
    async stir() {
      const soonMs = Date.now() + SOON_MS;
      if ((await hasGrown()) && setForMs > soonMs) await set(soonMs);
    },
  };
}

function atMost(ms: number, work: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, patience]).finally(() => clearTimeout(timer));
}
