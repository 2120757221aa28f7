import { beginLog } from '../src/app/sequencer/begin-log.ts';
import { openLog } from '../src/app/sequencer/sequencer.ts';
import { ed25519Signer } from '../src/platform/node-ed25519.ts';
import { systemClock } from '../src/platform/system-clock.ts';
import { openPostgresStore } from '../src/storage/postgres/postgres-store.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { append, BENCH_ORIGIN, benchParts } from './bench-commands.ts';
import { ratePerSecond } from './harness.ts';

/**
 * One broker in a process of its own: `scale-broker PLACE`, a file or an address of PostgreSQL; the log's key in the
 * environment. Says `ready`; for each round it is sent, tells how many entries a second it appended.
 */
export interface AppendRound {
  readonly writers: number;
  readonly milliseconds: number;
}

const [place = ''] = process.argv.slice(2);
const store = place.startsWith('postgres:')
  ? await openPostgresStore(place, { nowMs: systemClock.nowMs() })
  : openSqliteStore(place, { nowMs: systemClock.nowMs() });
const parts = { ...benchParts(ed25519Signer(BENCH_ORIGIN, process.env['LOG_KEY'] ?? '')), store };
await beginLog(parts);
const log = await openLog(parts);

process.on('message', async ({ writers, milliseconds }: AppendRound) => {
  process.send?.(await ratePerSecond(writers, milliseconds, () => log.submit(append())));
});
process.on('disconnect', async () => {
  await log.stop();
  await store.close();
});
process.send?.('ready');
