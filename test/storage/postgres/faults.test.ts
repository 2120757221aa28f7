import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { beginLog } from '../../../src/app/sequencer/begin-log.ts';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { startTestPostgres, type TestPostgres } from '../../../tools/test-postgres.ts';
import { type ChildBroker, expectWholeLog, startChildBroker as startChild } from '../../app/child-brokers.ts';
import { openTicketLog, partsOn, START_MS, turnedClock, writeTicket } from '../../app/ticket-log.ts';
import { type Cut, startCuttingProxy } from './cutting-proxy.ts';
import { smallDisk } from './small-disk.ts';

/** A few in the ordinary tests; `npm run faults` asks for hundreds. */
const ROUNDS = Number(process.env['COUNTERSIGN_FAULT_ROUNDS'] ?? 2);
const SECONDS_A_ROUND = 20;
const patience = { timeout: (60 + ROUNDS * SECONDS_A_ROUND) * 1_000 };
const ENDLESS = 1_000_000;

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server?.stop());

const started: ChildBroker[] = [];
// One that a test failed with would go on writing for ever.
afterEach(() => {
  for (const { process: child } of started.splice(0)) child.kill('SIGKILL');
});

function startChildBroker(...given: Parameters<typeof startChild>): ChildBroker {
  const child = startChild(...given);
  started.push(child);
  return child;
}

async function begunDatabase(): Promise<string> {
  const url = await server.createDatabase();
  const store = await openPostgresStore(url, { nowMs: START_MS });
  await beginLog(partsOn(store));
  await store.close();
  return url;
}

async function expectWhole(url: string, children: readonly ChildBroker[]): Promise<number> {
  const store = await openPostgresStore(url, { nowMs: START_MS });
  const size = await expectWholeLog(store, ...children.map(({ answered }) => answered));
  await store.close();
  return size;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const atRandom = (mostMs: number): Promise<void> => pause(Math.random() * mostMs);

const answeredBy = (children: readonly ChildBroker[]): number =>
  children.reduce((sum, { answered }) => sum + answered.size, 0);

test('two brokers on one database make one chain, and everything answered is in it', patience, async () => {
  const url = await begunDatabase();
  const children = [startChildBroker(url, 'left', 250), startChildBroker(url, 'right', 250)];
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0]);
  expect(children.map(({ answered }) => answered.size)).toEqual([250, 250]);
  expect(await expectWhole(url, children)).toBe(500);
});

test(
  'a broker killed at any moment beside another loses nothing that either answered',
  patience,
  async () => {
    const url = await begunDatabase();
    const steady = startChildBroker(url, 'steady', ENDLESS);
    const children = [steady];
    for (let round = 0; round < ROUNDS; round++) {
      const killed = startChildBroker(url, `killed-${round}`, ENDLESS);
      children.push(killed);
      await killed.reached(1);
      await atRandom(300);
      killed.process.kill('SIGKILL');
      await killed.ended;
      expect(killed.answered.size).toBeGreaterThan(0);
      const before = steady.answered.size;
      await steady.reached(before + 8);
      expect(steady.answered.size).toBeGreaterThanOrEqual(before + 8);
    }
    steady.process.kill('SIGKILL');
    await steady.ended;
    expect(await expectWhole(url, children)).toBeGreaterThanOrEqual(answeredBy(children));
  },
);

test(
  'a database killed at any moment under two brokers loses nothing that was answered',
  patience,
  async (context) => {
    if (server.kill === null) return context.skip('the database of the tests is not ours to kill');
    const url = await begunDatabase();
    const children = [startChildBroker(url, 'left', ENDLESS), startChildBroker(url, 'right', ENDLESS)];
    for (let round = 0; round < ROUNDS; round++) {
      const before = children.map(({ answered }) => answered.size);
      await Promise.all(children.map((child, at) => child.reached((before[at] ?? 0) + 8)));
      await atRandom(300);
      await server.kill();
      await server.restart();
    }
    const before = children.map(({ answered }) => answered.size);
    await Promise.all(children.map((child, at) => child.reached((before[at] ?? 0) + 8)));
    // Both are still there: a broker outlives its database.
    expect(children.map(({ process: { exitCode } }) => exitCode)).toEqual([null, null]);
    for (const { process: child } of children) child.kill('SIGKILL');
    await Promise.all(children.map(({ ended }) => ended));
    expect(await expectWhole(url, children)).toBeGreaterThanOrEqual(answeredBy(children));
  },
);

test(
  'a broker that was stopped until another took over writes nothing of the past when it goes on',
  patience,
  async () => {
    const url = await begunDatabase();
    const children = [startChildBroker(url, 'paused', ENDLESS), startChildBroker(url, 'other', ENDLESS)];
    const [paused, other] = children;
    for (let round = 0; round < ROUNDS; round++) {
      await paused?.reached(paused.answered.size + 4);
      await atRandom(100);
      paused?.process.kill('SIGSTOP');
      const stopped = other?.answered.size ?? 0;
      await other?.reached(stopped + 24);
      expect(other?.answered.size).toBeGreaterThanOrEqual(stopped + 24);
      paused?.process.kill('SIGCONT');
    }
    await paused?.reached(paused.answered.size + 8);
    for (const { process: child } of children) child.kill('SIGKILL');
    await Promise.all(children.map(({ ended }) => ended));
    expect(await expectWhole(url, children)).toBeGreaterThanOrEqual(answeredBy(children));
  },
);

const CUTS: readonly Cut[] = ['before', 'half-way', 'before-the-answer'];

test.each(CUTS)(
  'a connection cut %s of a commit is looked up: recorded once, and answered so',
  patience,
  async (cut) => {
    const url = await begunDatabase();
    const proxy = await startCuttingProxy(url);
    const store = await openPostgresStore(proxy.url, { nowMs: START_MS });
    const log = await openTicketLog(store);
    for (let round = 0; round < ROUNDS; round++) {
      await log.submit(writeTicket(`before-${round}`));
      // Reads are shorter than that, and a commit's entries alone are longer.
      proxy.cutNext(cut, 1_500);
      const written = await Promise.all(
        Array.from({ length: 5 }, (_, at) => log.submit(writeTicket(`cut-${round}-${at}`))),
      );
      expect(written.map(({ version }) => version)).toEqual([1, 1, 1, 1, 1]);
      expect(proxy.cuts()).toBe(round + 1);
    }
    await log.stop();
    await store.close();
    await proxy.close();
    expect(await expectWhole(url, [])).toBe(6 * ROUNDS);
  },
);

test(
  'what cannot be looked up is told as unknown, and the broker goes on when the database is back',
  patience,
  async (context) => {
    const { kill } = server;
    if (kill === null) return context.skip('the database of the tests is not ours to kill');
    const url = await begunDatabase();
    const store = await openPostgresStore(url, { nowMs: START_MS });
    const log = await openTicketLog(store);
    await log.submit(writeTicket('first'));
    await kill();
    await expect(log.submit(writeTicket('second'))).rejects.toMatchObject({ code: 'store-unavailable' });
    await server.restart();
    await log.submit(writeTicket('third'));
    await log.stop();
    await store.close();
    expect(await expectWhole(url, [])).toBe(2);
  },
);

test(
  'a broker whose clock jumps stops writing, and another on the same database goes on',
  patience,
  async () => {
    const url = await begunDatabase();
    const stores = [
      await openPostgresStore(url, { nowMs: 1 }),
      await openPostgresStore(url, { nowMs: 1 }),
    ] as const;
    const clock = turnedClock(START_MS + 10_000);
    const jumping = await openTicketLog(stores[0], { clock });
    const steady = await openTicketLog(stores[1], { clock: turnedClock(START_MS + 10_000) });
    await jumping.submit(writeTicket('before'));
    clock.jump(-3_600_000);
    await expect(jumping.submit(writeTicket('in-the-past'))).rejects.toMatchObject({ code: 'read-only' });
    await steady.submit(writeTicket('meanwhile'));
    for (const log of [jumping, steady]) await log.stop();
    for (const store of stores) await store.close();
    expect(await expectWhole(url, [])).toBe(2);
  },
);

test(
  'a database without room is told as such, and writing goes on once there is room',
  patience,
  async (context) => {
    const disk = await smallDisk();
    if (disk === undefined) return context.skip('only root on Linux can make a small disk to fill');
    const full = await startTestPostgres(
      ['fsync=off', 'max_wal_size=64MB', 'min_wal_size=32MB'],
      disk.directory,
    );
    try {
      if (full.kill === null) return context.skip('the database of the tests is not ours to fill');
      const url = await full.createDatabase();
      const store = await openPostgresStore(url, { nowMs: START_MS });
      const log = await openTicketLog(store);
      const answered = new Map<string, number>();
      const put = async (name: string, title: string) => {
        answered.set(name, (await log.submit(writeTicket(name, { title }))).seq);
      };
      await put('first', 'short');
      await disk.fill();
      const refusal = await untilRefused(put);
      expect(refusal).toMatchObject({ code: 'store-unavailable' });
      await disk.makeRoom();
      await untilAccepted(() => put('after', 'short'));
      await log.stop();
      expect(await expectWholeLog(store, answered)).toBeGreaterThanOrEqual(answered.size);
      await store.close();
    } finally {
      await full.stop();
      await disk.remove();
    }
  },
);

/** A disk has a little room left even when it is full for others: large texts take it. */
async function untilRefused(put: (name: string, title: string) => Promise<void>): Promise<unknown> {
  for (let at = 0; at < 200; at++) {
    const title = randomBytes(64).toString('hex');
    const failed = await Promise.all(
      Array.from({ length: 50 }, (_, one) =>
        put(`filling-${at}-${one}`, title).then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    const refusal = failed.find((one) => one !== undefined);
    if (refusal !== undefined) return refusal;
  }
  throw new Error('the disk never was full');
}

/** The server may have to come up again by itself first. */
async function untilAccepted(write: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (attempt === 20) throw error;
      await pause(200);
    }
  }
}
