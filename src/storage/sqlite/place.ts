import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { ContentsPage, LogPlace } from '../../app/sequencer/copy-log.ts';
import type { Head } from '../../app/store.ts';
import { Failure } from '../../domain/errors.ts';
import { type Client, openClient } from './connection.ts';
import { asFailure } from './failures.ts';
import { migrate } from './migrate.ts';
import { readModelStatements } from './read-model-statements.ts';
import { readStatements } from './read-statements.ts';
import { writeStatements } from './write-statements.ts';

const PAGE_ROWS = 500;
/** These may be large. */
const PAGE_ATTACHMENTS = 20;

/** A SQLite file as somewhere a log is taken from or put to. The file is opened when that begins. */
export function sqlitePlace(path: string, nowMs: number): LogPlace {
  return {
    read: (work) =>
      reading(path, (client) => work({ head: readStatements(client).head(), pages: pages(client) })),
    fill: (head, given) => filling(path, nowMs, head, given),
    close: async () => undefined,
  };
}

/** Online: brokers go on writing, and what they write meanwhile is in it or not, but never half. For its owner only. */
export async function backUpSqlite(path: string, to: string): Promise<void> {
  const client = openClient(path);
  // Made first, for the mode that the copy then keeps.
  openClient(to).close();
  try {
    await client.backup(to);
  } catch (error) {
    throw asFailure(error);
  } finally {
    client.close();
  }
}

async function reading<T>(path: string, work: (client: Client) => Promise<T>): Promise<T> {
  if (!existsSync(path)) {
    throw new Failure('not-found', `there is no file ${path}`, { mend: 'Is this the right place?' });
  }
  const client = new Database(path);
  try {
    client.exec('begin');
    return await work(client);
  } catch (error) {
    throw asFailure(error);
  } finally {
    if (client.inTransaction) client.exec('commit');
    client.close();
  }
}

async function* pages(client: Client): AsyncIterable<ContentsPage> {
  yield* paged<ContentsPage['entries'][number]>(
    client,
    'select seq, stream, version, bytes from entries order by seq',
    (entries) => ({ ...nothing, entries }),
  );
  yield* paged<ContentsPage['disclosures'][number]>(
    client,
    'select seq, field, key, value from disclosures order by seq, field',
    (disclosures) => ({ ...nothing, disclosures }),
  );
  yield* paged<ContentsPage['attachments'][number]>(
    client,
    'select digest, bytes from attachments order by digest',
    (attachments) => ({ ...nothing, attachments }),
    PAGE_ATTACHMENTS,
  );
  yield* paged<ContentsPage['secrets'][number]>(
    client,
    'select kind, id, person, value, expires_at_ms as "expiresAtMs" from secrets order by kind, id',
    (secrets) => ({ ...nothing, secrets }),
  );
  yield* paged<ContentsPage['idempotency'][number]>(
    client,
    'select key, digest, about, expires_at_ms as "expiresAtMs" from idempotency order by key',
    (idempotency) => ({ ...nothing, idempotency }),
  );
}

const nothing: ContentsPage = { entries: [], disclosures: [], attachments: [], secrets: [], idempotency: [] };

async function* paged<Row>(
  client: Client,
  text: string,
  pageOf: (rows: readonly Row[]) => ContentsPage,
  limit = PAGE_ROWS,
): AsyncIterable<ContentsPage> {
  let page: Row[] = [];
  for (const row of client.prepare<[], Row>(text).iterate()) {
    if (page.push(row) < limit) continue;
    yield pageOf(page);
    page = [];
  }
  if (page.length > 0) yield pageOf(page);
}

/** The one transaction with promises in it: nobody else has this connection. */
async function filling(
  path: string,
  nowMs: number,
  head: Head,
  given: AsyncIterable<ContentsPage>,
): Promise<boolean> {
  const client = openClient(path);
  try {
    migrate(client, nowMs);
    const writes = writeStatements(client, readModelStatements(client));
    client.exec('begin immediate');
    if (!writes.insertHead(head)) return false;
    for await (const page of given) {
      writes.putAll({ ...page, head, tiles: [], states: [], rows: [], erase: [] });
    }
    client.exec('commit');
    return true;
  } catch (error) {
    throw asFailure(error);
  } finally {
    if (client.inTransaction) client.exec('rollback');
    client.close();
  }
}
