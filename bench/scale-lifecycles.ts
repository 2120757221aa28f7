import { type ChildProcess, fork } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../src/config.ts';
import { initialiseServer } from '../src/server.ts';
import { workerSecrets } from '../src/worker-secrets.ts';
import { startLocalWorker } from '../tools/local-worker.ts';
import { startTestPostgres } from '../tools/test-postgres.ts';
import { writeWorkerAssets } from '../tools/worker-assets.ts';
import { median, printTable } from './harness.ts';
import type { Round } from './lifecycle.ts';
import {
  ADMINISTRATORS,
  CLIENT_SECRET,
  CLIENT_SECRET_NAME,
  configOf,
  configTextOf,
  freePort,
  lifecycleProvider,
} from './lifecycle-config.ts';
import { enrolEverybody, lifecyclePolicy, type Subject, signInEverybody } from './lifecycle-people.ts';
import type { Begin, Turned } from './scale-lifecycle-broker.ts';

/**
 * Whole lifecycles a second (ask, statement, review with a code, open) over HTTP, on one broker and on several, each a
 * process of its own. People are dealt out among the brokers.
 */
const PEOPLE = Number(process.argv[2] ?? 60);
const ROUNDS = 4;
const BESIDE_EACH_OTHER = 32;

interface Setup {
  readonly name: string;
  readonly brokers: number;
  /** null: a file. */
  readonly databaseUrl: string | null;
  readonly start: (begun: Begun) => Promise<Brokers>;
}

/** A log with its first entry, and where its brokers are to listen. */
interface Begun {
  readonly data: string;
  readonly config: Config;
  readonly ports: readonly number[];
}

interface Brokers {
  turn(aheadMs: number): Promise<void>;
  close(): Promise<void>;
}

interface Standing {
  /** Everybody's lifecycle once; how many that is a second. */
  round(): Promise<number>;
  close(): Promise<void>;
}

async function stand({ brokers: count, databaseUrl, start }: Setup): Promise<Standing> {
  const data = mkdtempSync(join(tmpdir(), 'countersign-lifecycles-'));
  const names = Array.from({ length: PEOPLE }, (_, at) => `person-${at}`);
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const [url = ''] = urls;
  const provider = await lifecycleProvider(url, names);
  const config = configOf(url, provider.issuer, databaseUrl);
  const administrators = ADMINISTRATORS.map((subject) => ({ issuer: 'corp', subject }));
  const codes = await initialiseServer({ config, data: join(data, '0'), administrators });
  const brokers = await start({ data, config, ports });
  let aheadMs = 0;
  const clock = { nowMs: () => Date.now() + aheadMs };
  const turn = () => {
    aheadMs += 30_000;
    return brokers.turn(aheadMs);
  };
  const people = await signInEverybody({ url, clock }, [...ADMINISTRATORS, ...names]);
  await enrolEverybody({ url, clock, turn }, people, codes);
  await lifecyclePolicy({ url, clock, turn }, people);
  const client = forked('lifecycle-client');
  await ask(client, { url, urls, people: people.slice(ADMINISTRATORS.length) as Subject[] });
  return {
    async round() {
      await turn();
      const round = { aheadMs, perSecond: 0, beside: BESIDE_EACH_OTHER } satisfies Round;
      return (PEOPLE * 1000) / Number(await ask(client, round));
    },
    async close() {
      client.disconnect();
      await brokers.close();
      await provider.stop();
      rmSync(data, { recursive: true });
    },
  };
}

/** Each in a process of its own. */
async function processes({ data, config, ports }: Begun): Promise<Brokers> {
  const children: ChildProcess[] = [];
  for (const [at, port] of ports.entries()) {
    const own = join(data, String(at));
    if (at > 0) copyData(join(data, '0'), own);
    const child = forked('scale-lifecycle-broker');
    children.push(child);
    await ask(child, { config, data: own, port } satisfies Begin);
  }
  return {
    async turn(aheadMs) {
      await Promise.all(children.map((child) => ask(child, { aheadMs } satisfies Turned)));
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

/** The Worker in workerd, handed what a deployed one is handed. */
async function worker({ data, config, ports: [port = 0] }: Begun): Promise<Brokers> {
  const assets = join(data, 'assets');
  await writeWorkerAssets(assets);
  const secrets = await workerSecrets({
    configText: configTextOf(config),
    data: join(data, '0'),
    environment: { [CLIENT_SECRET_NAME]: CLIENT_SECRET },
    hasGenesis: true,
  });
  const persist = join(data, 'state');
  const { url, stop } = await startLocalWorker({
    secrets,
    assets,
    persist,
    port,
    entry: 'bench/turned-worker.ts',
  });
  return {
    async turn(aheadMs) {
      await fetch(`${url}/bench/turn?ahead=${aheadMs}`);
    },
    close: stop,
  };
}

/** All brokers of a log have one set of keys. */
function copyData(from: string, to: string): void {
  cpSync(from, to, { recursive: true });
  chmodSync(join(to, 'keys'), 0o700);
}

function forked(name: string): ChildProcess {
  const script = new URL(import.meta.url.replace(/scale-lifecycles\.([jt]s)$/, `${name}.$1`));
  return fork(script, { serialization: 'advanced' });
}

/** Sends something and waits for the answer. */
function ask(child: ChildProcess, what: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a process of the bench ended'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.removeListener('exit', ended);
      resolve(message);
    });
    child.send(what);
  });
}

/** The first round warms up what the others find warm. */
async function ratesOf(setup: Setup): Promise<readonly number[]> {
  const standing = await stand(setup);
  const rates: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) rates.push(await standing.round());
  await standing.close();
  return rates.slice(1);
}

async function main(): Promise<void> {
  const server = await startTestPostgres([]);
  const setups: Setup[] = [
    { name: 'SQLite, one broker', brokers: 1, databaseUrl: null, start: processes },
    { name: 'a Durable Object in workerd', brokers: 1, databaseUrl: null, start: worker },
  ];
  for (const brokers of [1, 2, 4]) {
    const name = `PostgreSQL, ${brokers === 1 ? 'one broker' : `${brokers} brokers`}`;
    setups.push({ name, brokers, databaseUrl: await server.createDatabase(), start: processes });
  }
  const rates: (readonly number[])[] = [];
  // One after the other: a visit is over before all of them would have had their turns.
  for (const setup of setups) rates.push(await ratesOf(setup));
  const [first = Number.NaN, , alone = Number.NaN] = rates.map(median);
  printTable(
    `Lifecycles a second over HTTP, ${BESIDE_EACH_OTHER} beside each other`,
    ['', 'lifecycles', 'to SQLite', 'to one broker on PostgreSQL'],
    setups.map(({ name }, at) => {
      const rate = median(rates[at] ?? []);
      return [name, rate, rate / first, rate / alone];
    }),
  );
  await server.stop();
}

await main();
