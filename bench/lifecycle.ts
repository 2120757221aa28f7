import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { pino } from 'pino';
import { assemble } from '../src/assemble.ts';
import { httpApp } from '../src/http/app.ts';
import { httpParts } from '../src/http-parts.ts';
import { initialiseServer } from '../src/server.ts';
import { printTable } from './harness.ts';
import { ADMINISTRATORS, configOf, freePort, lifecycleProvider, limits } from './lifecycle-config.ts';
import { enrolEverybody, lifecyclePolicy, type Subject, signInEverybody } from './lifecycle-people.ts';

/**
 * Whole lifecycles over real HTTP: ask, make the statement, review with a code, open. Every call has its DPoP proof
 * and every review a code of its own. A code works once in 30 s, so each person reviews once a round, and the clock of
 * broker and client is turned by 30 s between rounds; within one it is the machine's.
 */
const PEOPLE = Number(process.argv[2] ?? 300);
/** Lifecycles a second of each round; 0: as fast as they go. The first round warms up what the others find warm. */
const PACES = [0, 0, 200, 100, 50];
const BESIDE_EACH_OTHER = 32;

export interface Round {
  readonly aheadMs: number;
  /** 0: as fast as `beside` callers can. */
  readonly perSecond: number;
  readonly beside: number;
}

const data = mkdtempSync(join(tmpdir(), 'countersign-lifecycle-'));
let aheadMs = 0;
const clock = { nowMs: () => Date.now() + aheadMs, monotonicMs: () => performance.now() + aheadMs };
const times: { route: string; milliseconds: number }[] = [];
const logger = pino({ level: 'info' }, { write: (line: string) => void remember(line) });

function remember(line: string): void {
  // Lines of our own access log.
  const { route, milliseconds } = JSON.parse(line) as { route?: string; milliseconds?: number };
  if (route !== undefined && milliseconds !== undefined) times.push({ route, milliseconds });
}

async function main(): Promise<void> {
  const names = Array.from({ length: PEOPLE }, (_, at) => `person-${at}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const provider = await lifecycleProvider(url, names);
  const config = configOf(url, provider.issuer, null);
  const administrators = ADMINISTRATORS.map((subject) => ({ issuer: 'corp', subject }));
  const codes = await initialiseServer({ config, data, administrators, platform: { clock } });
  const assembled = await assemble(config, data, ({ error }) => console.error(error), { clock });
  const parts = { ...httpParts(assembled, config, logger), limits };
  const server = createAdaptorServer({ fetch: httpApp(assembled.broker, parts).fetch });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  const turn = () => {
    aheadMs += 30_000;
  };
  const people = await signInEverybody({ url, clock }, [...ADMINISTRATORS, ...names]);
  await enrolEverybody({ url, clock, turn }, people, codes);
  await lifecyclePolicy({ url, clock, turn }, people);
  await measure(url, people.slice(2), turn);

  server.close();
  await assembled.close();
  await provider.stop();
  rmSync(data, { recursive: true });
}

async function measure(url: string, people: readonly Subject[], turn: () => void): Promise<void> {
  const client = fork(new URL(import.meta.url.replace(/lifecycle\.([jt]s)$/, 'lifecycle-client.$1')));
  const told = () =>
    new Promise<number>((resolve, reject) => {
      client.once('message', (message) => resolve(Number(message)));
      client.once('exit', () => reject(new Error('the callers failed')));
    });
  client.send({ url, people });
  await told();
  const rows: (string | number)[][] = [];
  for (const perSecond of PACES) {
    turn();
    times.length = 0;
    const done = told();
    client.send({ aheadMs, perSecond, beside: BESIDE_EACH_OTHER } satisfies Round);
    const seconds = (await done) / 1000;
    rows.push([
      perSecond === 0 ? `${BESIDE_EACH_OTHER} beside each other` : `paced at ${perSecond}/s`,
      people.length / seconds,
      ...stepTimes(),
    ]);
  }
  client.kill();
  const steps = STEPS.flatMap(([name]) => [`${name} p50`, 'p99']);
  printTable(
    'Lifecycles over HTTP; the broker’s own milliseconds a step',
    ['', 'lifecycles/s', ...steps],
    rows,
  );
}

const STEPS = [
  ['ask', '/v1/requests'],
  ['statement', '/v1/requests/:id/statements'],
  ['review', '/v1/requests/:id/reviews'],
  ['open', '/v1/grants/:id/sessions'],
] as const;

function stepTimes(): number[] {
  return STEPS.flatMap(([, route]) => {
    const sorted = times
      .filter((time) => time.route === route)
      .map(({ milliseconds }) => milliseconds)
      .sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
    return [at(0.5), at(0.99)];
  });
}

await main();
