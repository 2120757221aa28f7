import { type SQL, sql } from 'drizzle-orm';
import type { PoolClient } from 'pg';
import { rowValue, streamValue, tileValue } from '../../app/sequencer/derived-value.ts';
import type { DerivedRows, DerivedValue, Head, StateRow, Write } from '../../app/store.ts';
import type { Tile } from '../../log/tile.ts';
import { readModelTables } from '../../projections/tables.ts';
import { derivedParts } from './commit-statement.ts';
import { type Database, prepared, run } from './connection.ts';
import { rowPageStatement } from './read-model-parts.ts';

const PAGE_ROWS = 500;
const value = sql.placeholder;

const lockHead = prepared<{ there: number }>(
  sql`select 1 as there from head where id = 1 and size = ${value('size')} and root = ${value('root')} for update`,
);
const nothingHinders: SQL = sql`true`;

/** Deletes and writes again all that is derived, in one transaction, unless the head has moved. */
export function replaceDerivedRows(database: Database, from: Head, derived: DerivedRows): Promise<boolean> {
  return database.on(async (client) => {
    await client.query('begin');
    // A log of any size is made again, however long that takes.
    await client.query('set local statement_timeout = 0');
    if ((await run(client, lockHead, [from.size, from.root])).length === 0) {
      await client.query('rollback');
      return false;
    }
    for (const table of ['tiles', 'streams', ...Object.keys(readModelTables)]) {
      await run(client, prepared(sql`delete from ${sql.identifier(table)}`));
    }
    for (const tiles of pagesOf(derived.tiles)) await put(client, { tiles });
    for (const states of pagesOf(derived.states)) await put(client, { states });
    for (const rows of pagesOf(derived.rows)) await put(client, { rows });
    await client.query('commit');
    return true;
  });
}

async function put(client: PoolClient, some: Partial<Write>): Promise<void> {
  const write = { tiles: [], states: [], rows: [], ...some };
  for (const { template, columns } of derivedParts) {
    const given = columns(write);
    if (given !== undefined) await run(client, prepared(template(nothingHinders)), given);
  }
}

function* pagesOf<Row>(rows: Iterable<Row>): Iterable<readonly Row[]> {
  let page: Row[] = [];
  for (const row of rows) {
    if (page.push(row) < PAGE_ROWS) continue;
    yield page;
    page = [];
  }
  yield page;
}

/** Page by page, so that no transaction stays open while the caller compares. */
export async function* derivedRows(database: Database): AsyncIterable<DerivedValue> {
  yield* tiles(database);
  yield* streams(database);
  for (const table of Object.keys(readModelTables).sort()) yield* rows(database, table);
}

const tilesPage = prepared<Tile>(
  sql`select level, n, hashes from tiles where (level, n) > (${value('level')}, ${value('n')})
    order by level, n limit ${value('limit')}`,
);
const streamsPage = prepared<StateRow>(
  sql`select stream, version, state, due_at_ms as "dueAtMs" from streams where stream > ${value('stream')}
    order by stream limit ${value('limit')}`,
);

async function* tiles(database: Database): AsyncIterable<DerivedValue> {
  const after = (level: number, n: number) => database.read(tilesPage, [level, n, PAGE_ROWS]);
  for (let found = await after(-1, -1); found.length > 0; ) {
    yield* found.map(tileValue);
    const last = found.at(-1);
    found = last === undefined ? [] : await after(last.level, last.n);
  }
}

async function* streams(database: Database): AsyncIterable<DerivedValue> {
  const after = (stream: string) => database.read(streamsPage, [stream, PAGE_ROWS]);
  for (let found = await after(''); found.length > 0; found = await after(found.at(-1)?.stream ?? '')) {
    yield* found.map(streamValue);
  }
}

async function* rows(database: Database, table: string): AsyncIterable<DerivedValue> {
  const after = (key: string) => database.read(rowPageStatement(table), [key, PAGE_ROWS]);
  for (let found = await after(''); found.length > 0; found = await after(String(found.at(-1)?.['key']))) {
    for (const { key, ...row } of found) yield rowValue(table, String(key), row);
  }
}
