import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginLog } from '../src/app/sequencer/begin-log.ts';
import { type LogParts, openLog } from '../src/app/sequencer/sequencer.ts';
import type { Store } from '../src/app/store.ts';
import { ed25519Signer, generateEd25519Pem } from '../src/platform/node-ed25519.ts';
import { openSqliteStore } from '../src/storage/sqlite/sqlite-store.ts';
import { append, BENCH_ORIGIN, benchParts } from './bench-commands.ts';

export interface BenchLog {
  readonly path: string;
  readonly store: Store;
  readonly parts: LogParts;
  remove(): Promise<void>;
}

/** A new log in a directory of its own. */
export async function benchLog(): Promise<BenchLog> {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const path = join(directory, 'log.sqlite');
  const store = openSqliteStore(path, { nowMs: Date.now() });
  const parts: LogParts = { ...benchParts(ed25519Signer(BENCH_ORIGIN, generateEd25519Pem())), store };
  await beginLog(parts);
  const remove = async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  };
  return { path, store, parts, remove };
}

/** The bytes of an entry such as `append` makes. */
export async function sampleBytes(): Promise<Uint8Array> {
  const bench = await benchLog();
  const log = await openLog(bench.parts);
  await log.submit(append());
  const { value } = await bench.store.entries(0, 1)[Symbol.asyncIterator]().next();
  await log.stop();
  await bench.remove();
  if (!(value instanceof Uint8Array)) throw new Error('the first entry is missing');
  return value;
}
