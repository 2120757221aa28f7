import { openLog } from '../src/app/sequencer/sequencer.ts';
import { bareSqlite } from './bare-log.ts';
import { append } from './bench-commands.ts';
import { benchLog, sampleBytes } from './bench-log.ts';
import { median, printTable, ratePerSecond } from './harness.ts';

/** Durable appends through sequencer and store, beside bare inserts of the same bytes under the same pragmas. */
const WRITERS = [1, 16, 64, 256];
const ROUND_MS = 250;
const ROUNDS = 12;

async function main(): Promise<void> {
  const bench = await benchLog();
  const log = await openLog(bench.parts);
  const sample = await sampleBytes();
  const bareOne = bareSqlite(sample);
  const rows: (string | number)[][] = [];
  for (const writers of WRITERS) {
    const ours: number[] = [];
    const bare: number[] = [];
    // In short turns, so that a slow moment of the machine meets both.
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await ratePerSecond(writers, ROUND_MS, () => log.submit(append())));
      bare.push(await bareOne.rate(writers, ROUND_MS));
    }
    rows.push([String(writers), median(ours), median(bare), median(ours) / median(bare)]);
  }
  printTable(
    `Durable appends of ${sample.length} bytes`,
    ['writers', 'entries/s', 'bare rows/s', 'ratio'],
    rows,
  );
  await log.stop();
  await bareOne.close();
  await bench.remove();
}

await main();
