import { type SQL, sql } from 'drizzle-orm';
import type { PoolClient } from 'pg';
import type { ContentsPage, LogPlace } from '../../app/sequencer/copy-log.ts';
import type { Head } from '../../app/store.ts';
import { headValues, insertHead, storedParts } from './commit-statement.ts';
import { type Database, openDatabase, prepared, run } from './connection.ts';
import { asFailure } from './failures.ts';
import { migrate } from './migrate.ts';
import { headStatement } from './read-statements.ts';

const PAGE_ROWS = 500;
/** These may be large. */
const PAGE_ATTACHMENTS = 20;
const nothingHinders: SQL = sql`true`;

/** A PostgreSQL database as somewhere a log is taken from or put to. */
export function postgresPlace(url: string, nowMs: number): LogPlace {
  const database = openDatabase(url);
  return {
    read: (work) =>
      inTransaction(database, 'begin isolation level repeatable read read only', async (client) => {
        const [head] = await run(client, headStatement);
        return work({ head, pages: pages(client) });
      }),
    async fill(head, given) {
      await migrate(database, nowMs);
      return filling(database, head, given);
    },
    close: () => database.close(),
  };
}

/** `work` may take as long as the log is long. */
async function inTransaction<T>(
  database: Database,
  begin: string,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  try {
    return await database.on(async (client) => {
      await client.query(
        `${begin}; set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`,
      );
      const result = await work(client);
      await client.query('commit');
      return result;
    });
  } catch (error) {
    throw asFailure(error);
  }
}

class AlreadyBegun extends Error {}

async function filling(database: Database, head: Head, given: AsyncIterable<ContentsPage>): Promise<boolean> {
  try {
    await inTransaction(database, 'begin', async (client) => {
      if ((await run(client, prepared(insertHead), headValues(head))).length === 0) throw new AlreadyBegun();
      for await (const page of given) await put(client, page);
    });
    return true;
  } catch (error) {
    if (error instanceof AlreadyBegun) return false;
    throw error;
  }
}

async function put(client: PoolClient, page: ContentsPage): Promise<void> {
  for (const { template, columns } of storedParts) {
    const values = columns({ ...page, erase: [] });
    if (values !== undefined) await run(client, prepared(template(nothingHinders)), values);
  }
}

async function* pages(client: PoolClient): AsyncIterable<ContentsPage> {
  yield* paged<ContentsPage['entries'][number]>(
    client,
    'select seq, stream, version, bytes from entries order by seq',
    (entries) => ({ ...nothing, entries }),
  );
  yield* paged<{ seq: number; field: string; key: Uint8Array; value: Uint8Array }>(
    client,
    'select seq, field, key, value from disclosures order by seq, field',
    (rows) => ({
      ...nothing,
      disclosures: rows.map((row) => ({ ...row, value: new TextDecoder().decode(row.value) })),
    }),
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

async function* paged<Row extends object>(
  client: PoolClient,
  text: string,
  pageOf: (rows: readonly Row[]) => ContentsPage,
  limit = PAGE_ROWS,
): AsyncIterable<ContentsPage> {
  await client.query(`declare contents no scroll cursor for ${text}`);
  for (;;) {
    const { rows } = await client.query<Row>(`fetch ${limit} from contents`);
    if (rows.length === 0) break;
    yield pageOf(rows);
  }
  await client.query('close contents');
}
