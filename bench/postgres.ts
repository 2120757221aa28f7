import { Pool } from 'pg';
import { beginLog } from '../src/app/sequencer/begin-log.ts';
import { openLog } from '../src/app/sequencer/sequencer.ts';
import { streams } from '../src/domain/ids.ts';
import { nodeRandom } from '../src/platform/node-random.ts';
import { openPostgresStore } from '../src/storage/postgres/postgres-store.ts';
import { startTestPostgres } from '../tools/test-postgres.ts';
import { append, benchLog } from './bench-log.ts';
import { median, printTable, ratePerSecond } from './harness.ts';

/** Durable appends of one broker and of two on one PostgreSQL, beside bare multi-row inserts of the same bytes. */
const WRITERS = [1, 16, 64, 256];
const ROUND_MS = 500;
const ROUNDS = 5;
const random = nodeRandom();

type Rate = (writers: number) => Promise<number>;

/** The same bytes into the same table, `writers` rows a statement: no hash, no signature, no state, no check. */
async function bareLog(url: string, bytes: Uint8Array): Promise<{ rate: Rate; close: () => Promise<void> }> {
  const store = await openPostgresStore(url, { nowMs: 0 });
  await store.close();
  const pool = new Pool({ connectionString: url, max: 1 });
  let rows = 0;
  const insert = (writers: number) => {
    const places = Array.from({ length: writers }, () => rows++);
    const names = places.map(() => streams.refusals(`p-${random.ulid(Date.now())}`, 0));
    return pool.query({
      name: 'bare',
      text: 'insert into entries (seq, stream, version, bytes) select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[])',
      values: [places, names, places.map(() => 1), places.map(() => bytes)],
    });
  };
  const rate = async (writers: number): Promise<number> =>
    writers * (await ratePerSecond(1, ROUND_MS, () => insert(writers)));
  return { rate, close: () => pool.end() };
}

async function brokers(url: string, count: number): Promise<{ rate: Rate; close: () => Promise<void> }> {
  const bench = await benchLog();
  const opened = await Promise.all(
    Array.from({ length: count }, async () => {
      const store = await openPostgresStore(url, { nowMs: 0 });
      const parts = { ...bench.parts, store };
      await beginLog(parts);
      return { store, log: await openLog(parts) };
    }),
  );
  await bench.remove();
  let next = 0;
  const submit = () => opened[next++ % count]?.log.submit(append()) ?? Promise.resolve();
  return {
    rate: (writers) => ratePerSecond(writers, ROUND_MS, submit),
    async close() {
      for (const { log, store } of opened) {
        await log.stop();
        await store.close();
      }
    },
  };
}

async function main(): Promise<void> {
  const sample = await sampleBytes();
  const server = await startTestPostgres([]);
  const one = await brokers(await server.createDatabase(), 1);
  const two = await brokers(await server.createDatabase(), 2);
  const bare = await bareLog(await server.createDatabase(), sample);
  const rows: (string | number)[][] = [];
  for (const writers of WRITERS) {
    const rates: [number, number, number][] = [];
    // In short turns, so that a slow moment of the machine meets all of them.
    for (let round = 0; round < ROUNDS; round++) {
      rates.push([await one.rate(writers), await two.rate(writers), await bare.rate(writers)]);
    }
    const [alone, both, floor] = [0, 1, 2].map((at) => median(rates.map((rate) => rate[at] ?? 0)));
    rows.push([String(writers), alone ?? 0, both ?? 0, floor ?? 0, (alone ?? 0) / (floor ?? 1)]);
  }
  printTable(
    `Durable appends of ${sample.length} bytes on PostgreSQL`,
    ['writers', 'one broker, entries/s', 'two in one process', 'bare rows/s', 'ratio of one'],
    rows,
  );
  for (const each of [one, two, bare]) await each.close();
  await server.stop();
}

async function sampleBytes(): Promise<Uint8Array> {
  const bench = await benchLog();
  const log = await openLog(bench.parts);
  await log.submit(append());
  const { value } = await bench.store.entries(0, 1)[Symbol.asyncIterator]().next();
  await log.stop();
  await bench.remove();
  if (!(value instanceof Uint8Array)) throw new Error('the first entry is missing');
  return value;
}

await main();
