import { type SQL, sql } from 'drizzle-orm';
import type { RowChange, RowQuery, Write } from '../../app/store.ts';
import {
  type ColumnKind,
  isReadModelName,
  type ReadModelTable,
  readModelTables,
} from '../../projections/tables.ts';
import type { ColumnType } from './binary-array.ts';
import { prepared, type Statement } from './connection.ts';
import { columnsOf, lastOf, type Part, unnested } from './part.ts';

/** Most rows one answer holds. */
const MOST_ROWS = 200;

export type Row = Readonly<Record<string, string | number | null>>;

const placeholder = sql.placeholder;

export const readModelParts: readonly Part<'rows'>[] = Object.entries(readModelTables).flatMap(
  ([name, table]: [string, ReadModelTable]) => [putPart(name, table), removePart(name)],
);

function putPart(name: string, table: ReadModelTable): Part<'rows'> {
  const types: readonly ColumnType[] = ['text', ...Object.values(table.columns).map(typeOf)];
  return {
    name: `put_${name}`,
    template: (when) => putRows(name, table, types, when),
    columns: ({ rows }) =>
      columnsOf(types, changesOf(rows, name, true), (change) => rowValues(table, change)),
  };
}

function typeOf(kind: ColumnKind): ColumnType {
  return kind.startsWith('integer') ? 'bigint' : 'text';
}

function putRows(name: string, table: ReadModelTable, types: readonly ColumnType[], when: SQL): SQL {
  const names = Object.keys(table.columns).map((column) => sql.identifier(column));
  const changes = names.map((column) => sql`${column} = excluded.${column}`);
  return sql`insert into ${sql.identifier(name)} (key, ${sql.join(names, sql`, `)})
    select * from ${unnested(types)} where ${when}
    on conflict (key) do update set ${sql.join(changes, sql`, `)}`;
}

function removePart(name: string): Part<'rows'> {
  const table = sql.identifier(name);
  return {
    name: `remove_${name}`,
    template: (when) => sql`delete from ${table} using ${unnested(['text'])} as gone (key)
      where ${table}.key = gone.key and ${when}`,
    columns: ({ rows }) => columnsOf(['text'], changesOf(rows, name, false), (change) => [change.key]),
  };
}

/** Throws RangeError for a table that is no read model: nothing of the commit is sent then. */
function changesOf(rows: Write['rows'], name: string, put: boolean): readonly RowChange[] {
  const stranger = rows.find(({ table }) => !isReadModelName(table));
  if (stranger !== undefined) throw noReadModel(stranger.table);
  return lastOf(
    rows.filter(({ table }) => table === name),
    ({ key }) => key,
  ).filter(({ row }) => (row !== null) === put);
}

function rowValues(table: ReadModelTable, { table: name, key, row }: RowChange): readonly unknown[] {
  const columns = Object.keys(table.columns);
  if (row === null || Object.keys(row).length !== columns.length) throw columnsDiffer(name);
  const values = columns.map((column) => row[column]);
  if (values.includes(undefined)) throw columnsDiffer(name);
  return [key, ...values];
}

/** A query of a read model; every name in the SQL comes from `projections/tables.ts`, values are bound. */
export function rowsStatement(query: RowQuery): {
  readonly statement: Statement<Row>;
  readonly values: readonly unknown[];
} {
  const { name, table } = tableNamed(query.table);
  const filters = Object.entries(query.where);
  for (const [filter] of filters) {
    if (filter !== 'key' && !Object.hasOwn(table.columns, filter)) throw columnsDiffer(query.table);
  }
  const order = sql.identifier(table.order);
  // Not `is not distinct from`: no index serves it.
  const conditions = filters.map(([filter, value]) =>
    value === null
      ? sql`${sql.identifier(filter)} is null`
      : sql`${sql.identifier(filter)} = ${placeholder(filter)}`,
  );
  if (query.before !== undefined) conditions.push(sql`${order} < ${placeholder('before')}`);
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  const bound = filters.map(([, value]) => value).filter((value) => value !== null);
  return {
    statement: prepared(
      sql`select ${columnsNamed(table)} from ${name} ${where} order by ${order} desc, key desc limit ${placeholder('limit')}`,
    ),
    values: [
      ...bound,
      ...(query.before === undefined ? [] : [query.before]),
      Math.min(query.limit, MOST_ROWS),
    ],
  };
}

/** A page of one table in key order, from after a key. */
export function rowPageStatement(table: string): Statement<Row> {
  const { name, table: model } = tableNamed(table);
  return prepared(
    sql`select ${columnsNamed(model)} from ${name} where key > ${placeholder('key')} order by key limit ${placeholder('limit')}`,
  );
}

/** By name: a newer program may have added a column while this one runs. */
function columnsNamed(table: ReadModelTable): SQL {
  return sql.join(
    ['key', ...Object.keys(table.columns)].map((column) => sql.identifier(column)),
    sql`, `,
  );
}

function tableNamed(name: string): { readonly name: SQL; readonly table: ReadModelTable } {
  if (!isReadModelName(name)) throw noReadModel(name);
  return { name: sql`${sql.identifier(name)}`, table: readModelTables[name] };
}

const noReadModel = (name: string): RangeError => new RangeError(`there is no read model ${name}`);

function columnsDiffer(table: string): RangeError {
  return new RangeError(`the columns of a row differ from those of the read model ${table}`);
}
