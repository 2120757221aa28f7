import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LeasedJob } from '../../src/app/jobs/leased-job.ts';
import type { Head } from '../../src/app/store.ts';
import { type Alarms, alarms } from '../../src/worker/alarms.ts';
import { head } from '../contract/store-contract.ts';

const START_MS = Date.UTC(2026, 0, 1);
const MINUTE_MS = 60_000;

beforeEach(() => vi.useFakeTimers({ now: START_MS }));
afterEach(() => vi.useRealTimers());

/** A log that a test lengthens, jobs that it counts, and the alarm as it was set last. */
function stage(...pauses: readonly (number | 'hangs')[]) {
  let size = 1;
  let dueAtMs: number | undefined;
  let alarmMs = Number.NaN;
  const rounds = pauses.map(() => 0);
  const jobs = pauses.map(
    (pause, at): LeasedJob => ({
      step: async () => {
        rounds[at] = (rounds[at] ?? 0) + 1;
        return pause === 'hangs' ? new Promise<number>(() => undefined) : pause;
      },
      stop: async () => undefined,
    }),
  );
  const store = {
    head: async (): Promise<Head> => head(size, 1),
    due: async (nowMs: number) =>
      dueAtMs !== undefined && dueAtMs <= nowMs ? [{ stream: 'ticket/a' as const, dueAtMs }] : [],
  };
  const storage = {
    setAlarm: async (atMs: number) => {
      alarmMs = atMs;
    },
  };
  return {
    alarms: alarms({ jobs, store, storage, nowMs: () => Date.now() }),
    rounds,
    inMs: () => alarmMs - Date.now(),
    write: () => {
      size += 1;
    },
    isDueIn: (ms: number) => {
      dueAtMs = Date.now() + ms;
    },
  };
}

async function ringAfter(ms: number, { ring }: Alarms): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await ring();
}

test('after something was written the next alarm is soon, and when nothing is for two minutes, in a minute', async () => {
  const { alarms, inMs } = stage(1_000);
  await alarms.ring();
  expect(inMs()).toBe(1_000);
  await ringAfter(119_000, alarms);
  expect(inMs()).toBe(1_000);
  await ringAfter(1_000, alarms);
  expect(inMs()).toBe(MINUTE_MS);
});

test('a quiet object wakes for the next stream that is due, and for whatever is written', async () => {
  const { alarms, inMs, isDueIn, write } = stage(1_000);
  await alarms.ring();
  isDueIn(2 * MINUTE_MS + 20_000);
  await ringAfter(2 * MINUTE_MS, alarms);
  expect(inMs()).toBe(20_000);
  await alarms.stir();
  expect(inMs()).toBe(20_000);
  write();
  await alarms.stir();
  expect(inMs()).toBe(1_000);
});

test('a job is done when its time has come, not each time', async () => {
  const { alarms, rounds } = stage(1_000, MINUTE_MS);
  await alarms.ring();
  for (let second = 0; second < 5; second++) await ringAfter(1_000, alarms);
  expect(rounds).toEqual([6, 1]);
  await ringAfter(MINUTE_MS, alarms);
  expect(rounds).toEqual([7, 2]);
});

test('a job that hangs keeps neither the others nor the next alarm, and is not begun twice', async () => {
  const { alarms, rounds, inMs } = stage('hangs', 1_000);
  const ringing = alarms.ring();
  await vi.advanceTimersByTimeAsync(20_000);
  await ringing;
  expect(inMs()).toBe(1_000);
  await ringAfter(1_000, alarms);
  expect(rounds).toEqual([1, 2]);
});
