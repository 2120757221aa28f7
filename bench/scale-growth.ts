import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Sequencer } from '../src/app/command.ts';
import { beginLog } from '../src/app/sequencer/begin-log.ts';
import { type LogParts, openLog } from '../src/app/sequencer/sequencer.ts';
import type { Store } from '../src/app/store.ts';
import { type StreamId, streams } from '../src/domain/ids.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { openPostgresStore } from '../src/storage/postgres/postgres-store.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { partsOn, ticketStream, written } from '../test/app/ticket-log.ts';
import { startTestPostgres } from '../tools/test-postgres.ts';
import { entryOf, touch } from './bench-commands.ts';
import { median, millisecondsOf, printTable } from './harness.ts';

/**
 * What a start, a request and a list cost in a small log and in large ones: they should cost the same. The large ones
 * are made of real entries; every tenth has a row in a list. `COUNTERSIGN_BENCH_SIZES=10000,10000000`
 * names other sizes; ten million take a quarter of an hour and 20 GB an engine.
 */
const SIZES = (process.env['COUNTERSIGN_BENCH_SIZES'] ?? '10000,1000000').split(',').map(Number);
const ENTRIES_A_LIFE = 10;
const LIVES_AT_ONCE = 500;
/** As many lists as there are creators; each is longer than a page even in the small log. */
const CREATORS = 10;
const PAGE = 50;
const ROUNDS = 9;
/** No two of them in one tile of the smallest log: what a cold request checks is checked the first time. */
const REQUESTS_A_ROUND = 30;

interface Engine {
  readonly name: string;
  /** Opens the store of this size; again and again the same one. */
  open(size: number): Promise<Store>;
  close(): Promise<void>;
}

const engines: readonly (() => Promise<Engine>)[] = [sqlite, postgres];

async function sqlite(): Promise<Engine> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  return {
    name: 'SQLite',
    open: async (size) => openSqliteStore(join(directory, `${size}.sqlite`), { nowMs: systemClock.nowMs() }),
    close: async () => rmSync(directory, { recursive: true }),
  };
}

async function postgres(): Promise<Engine> {
  const server = await startTestPostgres(['shared_buffers=1GB', 'max_wal_size=8GB']);
  const urls = new Map<number, string>();
  return {
    name: 'PostgreSQL',
    async open(size) {
      const url = urls.get(size) ?? (await server.createDatabase());
      urls.set(size, url);
      return openPostgresStore(url, { nowMs: systemClock.nowMs() });
    },
    close: () => server.stop(),
  };
}

const logParts = (store: Store): LogParts => partsOn(store, { clock: systemClock });
const nameOf = (at: number): string => `t${at}`;
const creatorOf = (at: number): string => `p-creator-${at % CREATORS}`;

const streamOf = (at: number): StreamId => streams.refusals(`p-${at}`, 0);

/** A row in a list, and nine entries of one stream beside it. */
function life(at: number): Command<void> {
  const draft = written(nameOf(at));
  const listed = { ...draft, body: { ...draft.body, creator: creatorOf(at) } };
  const others = Array.from({ length: ENTRIES_A_LIFE - 1 }, () => entryOf(streamOf(at)));
  return {
    by: { kind: 'console' },
    streams: [ticketStream(nameOf(at)), streamOf(at)],
    factsAtMs: null,
    decide: () => ({ events: [listed, ...others], result: () => undefined }),
  };
}

async function fill(store: Store, size: number): Promise<void> {
  const parts = logParts(store);
  await beginLog(parts);
  const log = await openLog(parts);
  const lives = size / ENTRIES_A_LIFE;
  for (let at = 0; at < lives; at += LIVES_AT_ONCE) {
    const many = Array.from({ length: Math.min(LIVES_AT_ONCE, lives - at) }, (_, one) => life(at + one));
    await Promise.all(many.map((command) => log.submit(command)));
  }
  await log.stop();
}

interface Costs {
  readonly start: number[];
  readonly cold: number[];
  readonly warm: number[];
  readonly list: number[];
}

/** As a broker meets it that was just started. */
async function measureRound(engine: Engine, size: number, round: number, costs: Costs): Promise<void> {
  const store = await engine.open(size);
  let log: Sequencer | undefined;
  costs.start.push(
    await millisecondsOf(async () => {
      log = await openLog(logParts(store));
    }),
  );
  for (let one = 0; one < REQUESTS_A_ROUND; one++) {
    const lives = size / ENTRIES_A_LIFE;
    const at = Math.floor(((one + round / ROUNDS) * lives) / REQUESTS_A_ROUND);
    const submit = () => log?.submit(touch(streamOf(at)));
    costs.cold.push(await millisecondsOf(submit));
    costs.warm.push(await millisecondsOf(submit));
    const where = { creator: creatorOf(at) };
    costs.list.push(await millisecondsOf(() => store.rows({ table: 'tickets', where, limit: PAGE })));
  }
  await log?.stop();
  await store.close();
}

async function measure(engine: Engine): Promise<void> {
  for (const size of SIZES) {
    const store = await engine.open(size);
    await fill(store, size);
    await store.close();
  }
  const costs = SIZES.map((): Costs => ({ start: [], cold: [], warm: [], list: [] }));
  // In turns, so that a slow moment of the machine meets all sizes.
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, cost] of costs.entries()) await measureRound(engine, SIZES[at] ?? 0, round, cost);
  }
  const kinds = ['start', 'cold', 'warm', 'list'] as const;
  const rows = costs.map((cost, at) => [
    (SIZES[at] ?? 0).toLocaleString('en-US'),
    ...kinds.flatMap((kind) => {
      const [value, smallest] = [median(cost[kind]), median(costs[0]?.[kind] ?? [])];
      return [value, value / smallest];
    }),
  ]);
  printTable(
    `${engine.name}: milliseconds in a log of this many entries, and how many times what they are in the smallest`,
    ['entries', 'start', '×', 'cold request', '×', 'warm request', '×', 'list', '×'],
    rows,
  );
}

for (const open of engines) {
  const engine = await open();
  await measure(engine);
  await engine.close();
}
