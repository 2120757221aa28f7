import { expect, test } from 'vitest';
import type { GoOn, Job } from '../../../src/app/jobs/job.ts';
import type { Holder } from '../../../src/app/jobs/lease.ts';
import { type LeasedJob, leasedJob } from '../../../src/app/jobs/leased-job.ts';
import type { LeaseStore, Store } from '../../../src/app/store.ts';
import { type Database, emptyDatabase } from '../../simulation/memory-database.ts';
import { memoryStore } from '../../simulation/memory-store.ts';
import { openTicketLog, START_MS, type TurnedClock, turnedClock, writeTicket } from '../ticket-log.ts';

const PAUSE_MS = 1_000;
const ASK_EVERY_MS = 5_000;
/** What a holder may be silent for. */
const LEASE_MS = PAUSE_MS + 15_000;

interface Shared {
  readonly database: Database;
  /** The store's clock, which is the machine's. */
  readonly time: TurnedClock;
  /** Who did a round, or began and ended. */
  readonly done: string[];
}

interface OneBroker {
  readonly holder: Holder;
  readonly clock: TurnedClock;
  readonly reports: string[];
  readonly leased: LeasedJob;
}

const shared = (): Shared => ({ database: emptyDatabase(), time: turnedClock(START_MS), done: [] });

interface More {
  readonly round?: (goOn: GoOn) => Promise<void>;
  readonly leases?: (store: Store) => LeaseStore;
  readonly pauseMs?: number;
}

async function brokerOn({ database, time, done }: Shared, id: string, more: More = {}): Promise<OneBroker> {
  const memory = memoryStore(database, undefined, time.nowMs);
  const store = { ...memory, leases: more.leases?.(memory) ?? memory.leases };
  const clock = turnedClock(START_MS);
  const reports: string[] = [];
  const sequencer = await openTicketLog(store, { clock });
  const holder: Holder = { id, store, sequencer, clock, report: ({ what }) => reports.push(what) };
  const job: Job = {
    name: 'work',
    pauseMs: more.pauseMs ?? PAUSE_MS,
    begin() {
      done.push(`${id} begins`);
      let ended = false;
      return {
        async round(goOn) {
          await more.round?.(goOn);
          done.push(id);
        },
        async stop() {
          if (!ended) done.push(`${id} ends`);
          ended = true;
        },
      };
    },
  };
  return { holder, clock, reports, leased: leasedJob(holder, job) };
}

/** For everybody, or for all but some who have a clock of their own trouble. */
function pass({ time }: Shared, ms: number, ...brokers: readonly OneBroker[]): void {
  for (const clock of [time, ...brokers.map((one) => one.clock)]) clock.advance(ms);
}

test('of two brokers one does the work, and the other asks now and then', async () => {
  const world = shared();
  const [a, b] = [await brokerOn(world, 'a'), await brokerOn(world, 'b')];
  for (let second = 0; second < 60; second++) {
    expect([await a.leased.step(), await b.leased.step()]).toEqual([PAUSE_MS, ASK_EVERY_MS]);
    pass(world, PAUSE_MS, a, b);
  }
  expect(world.done).toEqual(['a begins', ...Array.from({ length: 60 }, () => 'a')]);
});

test('a broker that stops gives its jobs to whoever asks next, and begins nothing more', async () => {
  const world = shared();
  const [a, b] = [await brokerOn(world, 'a'), await brokerOn(world, 'b')];
  await a.leased.step();
  await a.leased.stop();
  await a.leased.step();
  await b.leased.step();
  expect(world.done).toEqual(['a begins', 'a', 'a ends', 'b begins', 'b']);
});

test('what a broker that died was doing is done by another once its lease is over, and not before', async () => {
  const world = shared();
  const [a, b] = [await brokerOn(world, 'a'), await brokerOn(world, 'b')];
  await a.leased.step();
  pass(world, LEASE_MS - 1, b);
  expect(await b.leased.step()).toBe(ASK_EVERY_MS);
  pass(world, 1, b);
  expect(await b.leased.step()).toBe(PAUSE_MS);
  expect(world.done).toEqual(['a begins', 'a', 'b begins', 'b']);
});

test('a broker that was paused while another took over ends what it had begun, and does nothing more', async () => {
  const world = shared();
  const [a, b] = [await brokerOn(world, 'a'), await brokerOn(world, 'b')];
  await a.leased.step();
  pass(world, LEASE_MS, a, b);
  await b.leased.step();
  expect(await a.leased.step()).toBe(ASK_EVERY_MS);
  expect(world.done).toEqual(['a begins', 'a', 'b begins', 'b', 'a ends']);
});

test('a broker that was paused too long begins anew, even if nobody has the job now', async () => {
  const world = shared();
  const [a, b] = [await brokerOn(world, 'a'), await brokerOn(world, 'b')];
  await a.leased.step();
  pass(world, LEASE_MS, a, b);
  await b.leased.step();
  await b.leased.stop();
  await a.leased.step();
  expect(world.done).toEqual(['a begins', 'a', 'b begins', 'b', 'b ends', 'a ends', 'a begins', 'a']);
});

test('a broker paused in the middle of a round is told to do no more of it', async () => {
  const world = shared();
  const may: boolean[] = [];
  const a = await brokerOn(world, 'a', {
    async round(goOn) {
      may.push(await goOn());
      pass(world, LEASE_MS, a);
      may.push(await goOn());
    },
  });
  await a.leased.step();
  expect(may).toEqual([true, false]);
});

test('a long round renews the lease as it goes, and the job stays with it', async () => {
  const world = shared();
  const b = await brokerOn(world, 'b');
  const may: boolean[] = [];
  const a = await brokerOn(world, 'a', {
    async round(goOn) {
      for (let part = 0; part < 10; part++) {
        pass(world, 10_000, a, b);
        may.push(await goOn());
        await b.leased.step();
      }
    },
  });
  await a.leased.step();
  expect(may).toEqual(Array.from({ length: 10 }, () => true));
  expect(world.done).toEqual(['a begins', 'a']);
});

test('a job whose pause is long is kept through it', async () => {
  const world = shared();
  const more = { pauseMs: 60_000 };
  const [a, b] = [await brokerOn(world, 'a', more), await brokerOn(world, 'b', more)];
  await a.leased.step();
  pass(world, 60_000, a, b);
  await b.leased.step();
  await a.leased.step();
  expect(world.done).toEqual(['a begins', 'a', 'a']);
});

test('the store is asked only when half of the time is over', async () => {
  const world = shared();
  let asked = 0;
  const counting = ({ leases }: Store): LeaseStore => ({
    ...leases,
    take(...given) {
      asked += 1;
      return leases.take(...given);
    },
  });
  const a = await brokerOn(world, 'a', { leases: counting });
  for (let second = 0; second < 60; second++) {
    await a.leased.step();
    pass(world, PAUSE_MS, a);
  }
  expect(asked).toBe(Math.ceil(60 / 8));
});

test('a job that fails is tried three times, then it is somebody else’s turn', async () => {
  const world = shared();
  const [a, b] = [
    await brokerOn(world, 'a', { round: () => Promise.reject(new Error('it did not work here')) }),
    await brokerOn(world, 'b'),
  ];
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 3; attempt++) {
    const pauseMs = await a.leased.step();
    expect(await b.leased.step()).toBe(attempt === 2 ? PAUSE_MS : ASK_EVERY_MS);
    pauses.push(pauseMs);
    pass(world, pauseMs, a);
  }
  expect(pauses).toEqual([1_000, 5_000, 20_000]);
  expect(a.reports).toEqual(Array.from({ length: 3 }, () => 'the job work failed; it is tried again'));
  expect(world.done).toEqual(['a begins', 'a ends', 'b begins', 'b']);
});

test('alone, a job that goes on failing is tried every twenty seconds, and often again once it works', async () => {
  const world = shared();
  let works = false;
  const a = await brokerOn(world, 'a', {
    round: async () => {
      if (!works) throw new Error('not yet');
    },
  });
  const pauses: number[] = [];
  for (let attempt = 0; attempt < 8; attempt++) {
    works = attempt === 5;
    const pauseMs = await a.leased.step();
    pauses.push(pauseMs);
    pass(world, pauseMs, a);
  }
  expect(pauses).toEqual([1_000, 5_000, 20_000, 20_000, 20_000, PAUSE_MS, 1_000, 5_000]);
});

test('a store that does not answer is waited for, and what it may have given is given back', async () => {
  const world = shared();
  let answers = true;
  const losing = ({ leases }: Store): LeaseStore => ({
    ...leases,
    async take(...given) {
      const taken = await leases.take(...given);
      if (!answers) throw new Error('the answer was lost');
      return taken;
    },
  });
  const [a, b] = [await brokerOn(world, 'a', { leases: losing }), await brokerOn(world, 'b')];
  answers = false;
  expect([await a.leased.step(), await a.leased.step()]).toEqual([1_000, 5_000]);
  expect(await b.leased.step()).toBe(ASK_EVERY_MS);
  expect(await a.leased.step()).toBe(20_000);
  expect(await b.leased.step()).toBe(PAUSE_MS);
  expect(world.done).toEqual(['b begins', 'b']);
});

test('a renewal that goes unanswered costs no tenure before the lease is over', async () => {
  const world = shared();
  let answers = true;
  const failing = ({ leases }: Store): LeaseStore => ({
    ...leases,
    async take(...given) {
      if (!answers) throw new Error('the database did not answer');
      return leases.take(...given);
    },
  });
  const a = await brokerOn(world, 'a', { leases: failing });
  await a.leased.step();
  pass(world, 10_000, a);
  answers = false;
  expect(await a.leased.step()).toBe(1_000);
  pass(world, 1_000, a);
  answers = true;
  expect(await a.leased.step()).toBe(PAUSE_MS);
  expect(world.done).toEqual(['a begins', 'a', 'a']);
});

test.each([3_600_000, -3_600_000])(
  'a broker whose clock jumped by %i ms gives its job up, and asks for one again once it is right',
  async (jumpMs) => {
    const world = shared();
    const [a, b] = [await brokerOn(world, 'a'), await brokerOn(world, 'b')];
    await a.leased.step();
    a.clock.jump(jumpMs);
    expect(await a.leased.step()).toBe(ASK_EVERY_MS);
    expect(await b.leased.step()).toBe(PAUSE_MS);
    a.clock.jump(-jumpMs);
    expect(await a.leased.step()).toBe(ASK_EVERY_MS);
    await b.leased.stop();
    expect(await a.leased.step()).toBe(PAUSE_MS);
    expect(world.done).toEqual(['a begins', 'a', 'a ends', 'b begins', 'b', 'b ends', 'a begins', 'a']);
  },
);

test('a broker whose clock is behind what another wrote holds no job', async () => {
  const world = shared();
  const [slow, b] = [await brokerOn(world, 'slow'), await brokerOn(world, 'b')];
  await slow.leased.step();
  pass(world, 30_000, b);
  await b.holder.sequencer.submit(writeTicket('t'));
  // By its own clock only ten seconds passed: it is time to renew.
  slow.clock.advance(10_000);
  expect(await slow.leased.step()).toBe(ASK_EVERY_MS);
  expect(await b.leased.step()).toBe(PAUSE_MS);
  expect(world.done).toEqual(['slow begins', 'slow', 'slow ends', 'b begins', 'b']);
});

test('a broker whose log does not fit says so once, asks for no job, and leaves what it had to others', async () => {
  const world = shared();
  const [a, b] = [await brokerOn(world, 'a'), await brokerOn(world, 'b')];
  await a.holder.sequencer.submit(writeTicket('t'));
  await a.leased.step();
  const { head } = world.database;
  if (head === undefined) throw new Error('the log was begun');
  world.database.head = { ...head, root: new Uint8Array(32) };
  pass(world, 10_000, a);
  await a.leased.step();
  pass(world, 1_000, a);
  expect(await a.leased.step()).toBe(ASK_EVERY_MS);
  expect(a.reports).toHaveLength(1);
  world.database.head = head;
  expect(await b.leased.step()).toBe(PAUSE_MS);
  expect(world.done).toEqual(['a begins', 'a', 'a ends', 'b begins', 'b']);
});

test('a broker that is stopped in the middle of a round waits for its end, and lets no more of it be done', async () => {
  const world = shared();
  const gate = Promise.withResolvers<void>();
  const may: boolean[] = [];
  const a = await brokerOn(world, 'a', {
    async round(goOn) {
      await gate.promise;
      may.push(await goOn());
    },
  });
  const b = await brokerOn(world, 'b');
  const step = a.leased.step();
  await new Promise((resolve) => setImmediate(resolve));
  const stopped = a.leased.stop();
  expect(await b.leased.step()).toBe(ASK_EVERY_MS);
  gate.resolve();
  await Promise.all([step, stopped]);
  expect(may).toEqual([false]);
  expect(await b.leased.step()).toBe(PAUSE_MS);
});
