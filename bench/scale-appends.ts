import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateEd25519Pem } from '../src/platform/node-ed25519.ts';
import { startLocalWorker } from '../tools/local-worker.ts';
import { startTestPostgres } from '../tools/test-postgres.ts';
import { type BareLog, barePostgres, bareSqlite } from './bare-log.ts';
import { sampleBytes } from './bench-log.ts';
import { median, printTable } from './harness.ts';
import type { AppendRound } from './scale-broker.ts';

/** Durable appends of one broker and of several, each a process of its own, beside bare inserts of the same bytes. */
const WRITERS = [1, 16, 64, 256];
const ROUND_MS = 700;
const ROUNDS = 5;

interface Brokers {
  readonly count: number;
  /** Entries a second of all of them, `writers` shared among them. */
  rate(writers: number): Promise<number>;
  close(): Promise<void>;
}

interface Engine {
  readonly name: string;
  readonly bare: BareLog;
  readonly brokers: readonly Brokers[];
  close(): Promise<void>;
}

/** What a log can live on. Another engine is another function here. */
const engines: readonly ((sample: Uint8Array) => Promise<Engine>)[] = [sqlite, postgres, durableObject];

async function sqlite(sample: Uint8Array): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  return {
    name: 'SQLite',
    bare: bareSqlite(sample),
    brokers: [await brokersOn(join(directory, 'log.sqlite'), 1)],
    close: async () => rmSync(directory, { recursive: true }),
  };
}

async function postgres(sample: Uint8Array): Promise<Engine> {
  const server = await startTestPostgres([]);
  const brokers: Brokers[] = [];
  for (const count of [1, 2, 4]) brokers.push(await brokersOn(await server.createDatabase(), count));
  return {
    name: 'PostgreSQL',
    bare: await barePostgres(await server.createDatabase(), sample),
    brokers,
    close: () => server.stop(),
  };
}

/** In workerd on this machine: on the platform a commit waits for several others, not for a disk. */
async function durableObject(sample: Uint8Array): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const [assets, persist] = [join(directory, 'assets'), join(directory, 'state')];
  mkdirSync(assets);
  const worker = await startLocalWorker({
    secrets: {},
    assets,
    persist,
    port: 0,
    entry: 'bench/durable-object.ts',
  });
  const rate = async (of: 'ours' | 'bare', writers: number, milliseconds: number): Promise<number> => {
    const url = `${worker.url}/${of}?writers=${writers}&milliseconds=${milliseconds}`;
    return Number(await (await fetch(url, { method: 'POST', body: Uint8Array.from(sample) })).json());
  };
  const close = async () => undefined;
  return {
    name: 'a Durable Object in workerd',
    bare: { rate: (writers, milliseconds) => rate('bare', writers, milliseconds), close },
    brokers: [{ count: 1, rate: (writers) => rate('ours', writers, ROUND_MS), close }],
    async close() {
      await worker.stop();
      rmSync(directory, { recursive: true });
    },
  };
}

async function brokersOn(place: string, count: number): Promise<Brokers> {
  const key = generateEd25519Pem();
  const script = new URL(import.meta.url.replace(/scale-appends\.([jt]s)$/, 'scale-broker.$1'));
  const children: ChildProcess[] = [];
  for (let at = 0; at < count; at++) {
    const child = fork(script, [place], { env: { LOG_KEY: key } });
    children.push(child);
    await told(child);
  }
  return {
    count,
    async rate(writers) {
      const rates = children.map((child, at) => {
        const share = Math.floor(writers / count) + (at < writers % count ? 1 : 0);
        if (share === 0) return 0;
        child.send({ writers: share, milliseconds: ROUND_MS } satisfies AppendRound);
        return told(child);
      });
      return (await Promise.all(rates)).reduce<number>((sum, rate) => sum + Number(rate), 0);
    },
    async close() {
      for (const child of children) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.disconnect();
        await ended;
      }
    },
  };
}

function told(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a broker ended'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.removeListener('exit', ended);
      resolve(message);
    });
  });
}

async function measure(engine: Engine, bytes: number): Promise<void> {
  const counts = engine.brokers.map(({ count }) => count);
  const rows: (string | number)[][] = [];
  for (const writers of WRITERS) {
    const rates: number[][] = [];
    // In short turns, so that a slow moment of the machine meets all of them.
    for (let round = 0; round < ROUNDS; round++) {
      const one = [await engine.bare.rate(writers, ROUND_MS)];
      for (const brokers of engine.brokers) one.push(await brokers.rate(writers));
      rates.push(one);
    }
    const [bare = Number.NaN, first = Number.NaN, ...more] = [0, ...counts].map((_, at) =>
      median(rates.map((round) => round[at] ?? Number.NaN)),
    );
    rows.push([String(writers), bare, first, ...more, first / bare, ...more.map((rate) => rate / first)]);
  }
  const ratios = counts.map((count) => (count === 1 ? 'one to bare' : `${count} to one`));
  const rates = counts.map((count) => (count === 1 ? 'one broker' : `${count} brokers`));
  printTable(
    `Durable appends of ${bytes} bytes a second on ${engine.name}, writers in all`,
    ['writers', 'bare rows', ...rates, ...ratios],
    rows,
  );
}

async function main(): Promise<void> {
  const sample = await sampleBytes();
  for (const open of engines) {
    const engine = await open(sample);
    await measure(engine, sample.length);
    for (const brokers of engine.brokers) await brokers.close();
    await engine.bare.close();
    await engine.close();
  }
}

await main();
