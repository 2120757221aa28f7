import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog } from '../src/app/sequencer/sequencer.ts';
import { streams } from '../src/domain/ids.ts';
import { nodeRandom } from '../src/platform/node-random.ts';
import { openClient } from '../src/storage/sqlite/connection.ts';
import { migrate } from '../src/storage/sqlite/migrate.ts';
import { append, benchLog } from './bench-log.ts';
import { median, printTable, ratePerSecond } from './harness.ts';

/** Durable appends through sequencer and store, beside bare inserts of the same bytes under the same pragmas. */
const WRITERS = [1, 16, 64, 256];
const ROUND_MS = 250;
const ROUNDS = 12;
const random = nodeRandom();

/**
 * Bare SQLite: the same bytes into the same table of entries, `writers` rows a transaction, which is what that many
 * writers that commit together would make. No hash, no signature, no state, no check. Like ours it is one file all
 * through: a new one grows with each commit at first, which is slower to flush.
 */
function bareLog(bytes: Uint8Array) {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const client = openClient(join(directory, 'bare.sqlite'));
  migrate(client, 0);
  const insert = client.prepare('insert into entries (seq, stream, version, bytes) values (?, ?, ?, ?)');
  const [begin, commit] = [client.prepare('begin immediate'), client.prepare('commit')];
  let rows = 0;
  const rate = (writers: number): number => {
    const [start, before] = [performance.now(), rows];
    while (performance.now() - start < ROUND_MS) {
      begin.run();
      for (const end = rows + writers; rows < end; rows++) {
        insert.run(rows, streams.refusals(`p-${random.ulid(Date.now())}`, 0), 1, bytes);
      }
      commit.run();
    }
    return ((rows - before) * 1000) / (performance.now() - start);
  };
  const remove = () => {
    client.close();
    rmSync(directory, { recursive: true });
  };
  return { rate, remove };
}

async function main(): Promise<void> {
  const bench = await benchLog();
  const log = await openLog(bench.parts);
  await log.submit(append());
  const { value: sample } = await bench.store.entries(0, 1)[Symbol.asyncIterator]().next();
  if (!(sample instanceof Uint8Array)) throw new Error('the first entry is missing');
  const bareOne = bareLog(sample);
  const rows: (string | number)[][] = [];
  for (const writers of WRITERS) {
    const ours: number[] = [];
    const bare: number[] = [];
    // In short turns, so that a slow moment of the machine meets both.
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await ratePerSecond(writers, ROUND_MS, () => log.submit(append())));
      bare.push(bareOne.rate(writers));
    }
    rows.push([String(writers), median(ours), median(bare), median(ours) / median(bare)]);
  }
  printTable(
    `Durable appends of ${sample.length} bytes`,
    ['writers', 'entries/s', 'bare rows/s', 'ratio'],
    rows,
  );
  await log.stop();
  bareOne.remove();
  await bench.remove();
}

await main();
