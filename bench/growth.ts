import type { Sequencer } from '../src/app/command.ts';
import { openLog } from '../src/app/sequencer/sequencer.ts';
import type { StreamId } from '../src/domain/ids.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { append, benchLog, touch } from './bench-log.ts';
import { median, millisecondsOf, printTable } from './harness.ts';

/** What a start and a request cost in a small log and in a large one: they should cost the same. */
const SIZES = [10_000, 1_000_000];
const FILLED_AT_ONCE = 1_000;
const MEASURED = 200;

async function main(): Promise<void> {
  const bench = await benchLog();
  let log = await openLog(bench.parts);
  const streams: StreamId[] = [];
  const rows: (string | number)[][] = [];
  for (const size of SIZES) {
    await fill(log, streams, size);
    await log.stop();
    const starts: number[] = [];
    for (let round = 0; round < 9; round++) starts.push(await millisecondsOf(() => start(bench)));
    log = await openLog(bench.parts);
    rows.push([size.toLocaleString('en-US'), median(starts), ...(await requestCosts(log, streams))]);
  }
  printTable(
    'Milliseconds in a log of this many entries',
    ['entries', 'start', 'cold request', 'warm request'],
    rows,
  );
  await log.stop();
  await bench.remove();
}

/** Opens store and log as a new process would, but for loading the program. */
async function start(bench: Awaited<ReturnType<typeof benchLog>>): Promise<void> {
  const store = openSqliteStore(bench.path, { nowMs: Date.now() });
  const opened = await openLog({ ...bench.parts, store });
  if (!opened.status().writable) throw new Error(opened.status().reason ?? 'not writable');
  await store.close();
}

async function fill(log: Sequencer, streams: StreamId[], size: number): Promise<void> {
  while (streams.length < size) {
    const many = Array.from({ length: Math.min(FILLED_AT_ONCE, size - streams.length) }, append);
    streams.push(...many.flatMap((command) => command.streams));
    await Promise.all(many.map((command) => log.submit(command)));
  }
}

/** One writer that writes to an old stream: the first time it must be read and checked, the second it is known. */
async function requestCosts(
  log: Sequencer,
  streams: readonly StreamId[],
): Promise<readonly [number, number]> {
  const cold: number[] = [];
  const warm: number[] = [];
  for (let at = 0; at < MEASURED; at++) {
    const stream = streams[Math.floor((at * streams.length) / MEASURED)] ?? 'log';
    cold.push(await millisecondsOf(() => log.submit(touch(stream))));
    warm.push(await millisecondsOf(() => log.submit(touch(stream))));
  }
  return [median(cold), median(warm)];
}

await main();
