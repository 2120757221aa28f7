import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { streams } from '../src/domain/ids.ts';
import { nodeRandom } from '../src/platform/node-random.ts';
import { openPostgresStore } from '../src/storage/postgres/postgres-store.ts';
import { openClient } from '../src/storage/sqlite/connection.ts';
import { migrate } from '../src/storage/sqlite/migrate.ts';
import { ratePerSecond } from './harness.ts';

/**
 * The floor under an append: the same bytes into the same table of entries, `writers` rows a transaction, which is what
 * that many writers who commit together would make. No hash, no signature, no state, no check.
 */
export interface BareLog {
  /** Rows a second. */
  rate(writers: number, milliseconds: number): Promise<number>;
  close(): Promise<void>;
}

const random = nodeRandom();
const newStream = () => streams.refusals(`p-${random.ulid(Date.now())}`, 0);

/** One file all through, as ours is: a new one grows with each commit at first, which is slower to flush. */
export function bareSqlite(bytes: Uint8Array): BareLog {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  const client = openClient(join(directory, 'bare.sqlite'));
  migrate(client, 0);
  const insert = client.prepare('insert into entries (seq, stream, version, bytes) values (?, ?, ?, ?)');
  const [begin, commit] = [client.prepare('begin immediate'), client.prepare('commit')];
  let rows = 0;
  const write = async (writers: number) => {
    begin.run();
    for (const end = rows + writers; rows < end; rows++) insert.run(rows, newStream(), 1, bytes);
    commit.run();
  };
  return {
    rate: async (writers, milliseconds) =>
      writers * (await ratePerSecond(1, milliseconds, () => write(writers))),
    async close() {
      client.close();
      rmSync(directory, { recursive: true });
    },
  };
}

/** An empty database, on one connection; rows go as one array a column, which is the fastest that the driver offers. */
export async function barePostgres(url: string, bytes: Uint8Array): Promise<BareLog> {
  const store = await openPostgresStore(url, { nowMs: 0 });
  await store.close();
  const pool = new Pool({ connectionString: url, max: 1 });
  // A server that stops says goodbye to the one that is idle.
  pool.on('error', () => undefined);
  let rows = 0;
  const write = (writers: number) => {
    const places = Array.from({ length: writers }, () => rows++);
    return pool.query({
      name: 'bare',
      text: 'insert into entries (seq, stream, version, bytes) select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bytea[])',
      values: [places, places.map(newStream), places.map(() => 1), places.map(() => bytes)],
    });
  };
  return {
    rate: async (writers, milliseconds) =>
      writers * (await ratePerSecond(1, milliseconds, () => write(writers))),
    close: () => pool.end(),
  };
}
