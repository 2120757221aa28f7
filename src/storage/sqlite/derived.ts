import { rowValue, streamValue, tileValue } from '../../app/sequencer/derived-value.ts';
import type { DerivedRows, DerivedValue, Head, StateRow } from '../../app/store.ts';
import type { Tile } from '../../log/tile.ts';
import { readModelTables } from '../../projections/tables.ts';
import type { ReadModelStatements } from './read-model-statements.ts';
import { prepareText, type SqlClient } from './sql-client.ts';
import type { WriteStatements } from './write-statements.ts';

const PAGE_ROWS = 500;

/** Deletes and writes again all that is derived, unless the head has moved. Runs inside the caller's transaction. */
export function replaceDerivedRows(
  client: SqlClient,
  writes: WriteStatements,
  readModels: ReadModelStatements,
  from: Head,
  derived: DerivedRows,
): boolean {
  if (!writes.isHead(from)) return false;
  client.exec('delete from tiles; delete from streams;');
  readModels.clear();
  for (const tile of derived.tiles) writes.putTile(tile);
  for (const state of derived.states) writes.putState(state);
  for (const change of derived.rows) readModels.apply(change);
  return true;
}

/** Page by page, so that no transaction stays open while the caller compares. */
export async function* derivedRows(
  client: SqlClient,
  readModels: ReadModelStatements,
): AsyncIterable<DerivedValue> {
  yield* tiles(client);
  yield* streams(client);
  for (const table of Object.keys(readModelTables).sort()) yield* rows(readModels, table);
}

async function* tiles(client: SqlClient): AsyncIterable<DerivedValue> {
  const page = prepareText<[number, number, number], Tile>(
    client,
    'select level, n, hashes from tiles where (level, n) > (?, ?) order by level, n limit ?',
  );
  for (let last = { level: -1, n: -1 }, found = page.all(-1, -1, PAGE_ROWS); found.length > 0; ) {
    yield* found.map(tileValue);
    last = found.at(-1) ?? last;
    found = page.all(last.level, last.n, PAGE_ROWS);
  }
}

async function* streams(client: SqlClient): AsyncIterable<DerivedValue> {
  const page = prepareText<[string, number], StateRow>(
    client,
    'select stream, version, state, due_at_ms as "dueAtMs" from streams where stream > ? order by stream limit ?',
  );
  for (
    let last = '', found = page.all(last, PAGE_ROWS);
    found.length > 0;
    found = page.all(last, PAGE_ROWS)
  ) {
    yield* found.map(streamValue);
    last = found.at(-1)?.stream ?? last;
  }
}

async function* rows(readModels: ReadModelStatements, table: string): AsyncIterable<DerivedValue> {
  let found = readModels.page(table, '', PAGE_ROWS);
  while (found.length > 0) {
    for (const { key, ...row } of found) yield rowValue(table, String(key), row);
    found = readModels.page(table, String(found.at(-1)?.['key']), PAGE_ROWS);
  }
}
