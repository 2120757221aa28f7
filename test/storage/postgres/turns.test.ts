import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, prepared } from '../../../src/storage/postgres/connection.ts';
import { turns } from '../../../src/storage/postgres/turns.ts';
import { startTestPostgres, type TestPostgres } from '../../../tools/test-postgres.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
});
afterAll(() => server?.stop());

const count = prepared<{ held: number }>(
  sql`select count(*)::int as held from pg_locks join pg_database on pg_database.oid = pg_locks.database
    where locktype = 'advisory' and granted and datname = current_database()`,
);

/** Two brokers' connections to one database, and a clock that tests set. */
async function twoBrokers() {
  const url = await server.createDatabase();
  const [one, other] = [openDatabase(url), openDatabase(url)];
  const clock = { nowMs: 0 };
  const held = async () => (await one.read(count))[0]?.held;
  const close = async () => {
    await one.close();
    await other.close();
  };
  return { one, other, clock, monotonicMs: () => clock.nowMs, held, close };
}

test('a broker that nobody was in the way of takes no lock', async () => {
  const { one, held, close } = await twoBrokers();
  expect(await turns(one).take(held)).toBe(0);
  await close();
});

test('a broker that lost takes a lock, and the other waits for its turn', async () => {
  const { one, other, held, close } = await twoBrokers();
  const [first, second] = [turns(one), turns(other)];
  first.lost();
  second.lost();
  const order: string[] = [];
  await first
    .take(async () => {
      expect(await held()).toBe(1);
      const waiting = second.take(async () => void order.push('second'));
      await new Promise((resolve) => setTimeout(resolve, 50));
      order.push('first');
      return { waiting };
    })
    .then(({ waiting }) => waiting);
  expect(order).toEqual(['first', 'second']);
  expect(await held()).toBe(0);
  await close();
});

test('a second after it was last in the way no lock is taken', async () => {
  const { one, clock, monotonicMs, held, close } = await twoBrokers();
  const ours = turns(one, monotonicMs);
  ours.lost();
  expect(await ours.take(held)).toBe(1);
  clock.nowMs = 1_001;
  expect(await ours.take(held)).toBe(0);
  await close();
});

test('after a long turn the next one is asked for, though nobody was in the way', async () => {
  const { one, clock, monotonicMs, held, close } = await twoBrokers();
  const ours = turns(one, monotonicMs);
  await ours.take(async () => {
    clock.nowMs += 50;
  });
  expect(await ours.take(held)).toBe(1);
  await close();
});

test('a lock that is held too long is gone on without, and no connection is left in its transaction', async () => {
  const { one, other, close } = await twoBrokers();
  const [first, second] = [turns(one), turns(other)];
  first.lost();
  second.lost();
  await first.take(async () => {
    expect(await second.take(async () => 'without')).toBe('without');
    const reads = Array.from({ length: 12 }, () => other.send(count));
    expect((await Promise.all(reads)).flat()).toHaveLength(12);
  });
  await close();
});
