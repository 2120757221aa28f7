import type { SQL } from 'drizzle-orm';
import { sql } from 'drizzle-orm';
import type { RowChange, RowQuery } from '../../app/store.ts';
import { isReadModelName, type ReadModelTable, readModelTables } from '../../projections/tables.ts';
import { prepare, type SqlClient, type Statement } from './sql-client.ts';

/** Most rows one answer holds. */
const MOST_ROWS = 200;

export type Row = Readonly<Record<string, string | number | null>>;

interface TableStatements {
  readonly columns: readonly string[];
  readonly put: Statement<unknown[]>;
  readonly remove: Statement<[string]>;
}

/** Writes and reads of the read models; every name in the SQL comes from `projections/tables.ts`, values are bound. */
export interface ReadModelStatements {
  apply(change: RowChange): void;
  query(query: RowQuery): readonly Row[];
  clear(): void;
  /** A page of one table in key order, from after `key`. */
  page(table: string, afterKey: string, limit: number): readonly Row[];
}

export function readModelStatements(client: SqlClient): ReadModelStatements {
  const tables = new Map(
    Object.entries(readModelTables).map(([name, table]) => [name, tableStatements(client, name, table)]),
  );
  const selects = new Map<string, Statement<unknown[], Row>>();
  return {
    apply: (change) => applyChange(tables, change),
    query: (query) => runQuery(client, selects, query),
    clear: () => {
      for (const name of tables.keys()) client.exec(`delete from "${name}"`);
    },
    page: (table, afterKey, limit) => {
      const { name } = tableNamed(table);
      const text = sql`select * from ${name} where key > ${sql.placeholder('key')} order by key limit ${sql.placeholder('limit')}`;
      return prepare<[string, number], Row>(client, text).all(afterKey, limit);
    },
  };
}

function tableStatements(client: SqlClient, name: string, table: ReadModelTable): TableStatements {
  const columns = Object.keys(table.columns);
  const names = sql.join(
    columns.map((column) => sql.identifier(column)),
    sql`, `,
  );
  const values = sql.join(
    columns.map((column) => sql.placeholder(column)),
    sql`, `,
  );
  const changes = sql.join(
    columns.map((column) => sql`${sql.identifier(column)} = excluded.${sql.identifier(column)}`),
    sql`, `,
  );
  const put = sql`insert into ${sql.identifier(name)} (key, ${names}) values (${sql.placeholder('key')}, ${values})
    on conflict (key) do update set ${changes}`;
  const remove = sql`delete from ${sql.identifier(name)} where key = ${sql.placeholder('key')}`;
  return { columns, put: prepare(client, put), remove: prepare(client, remove) };
}

function applyChange(tables: ReadonlyMap<string, TableStatements>, change: RowChange): void {
  const table = tables.get(change.table);
  if (table === undefined) throw new RangeError(`there is no read model ${change.table}`);
  const { row } = change;
  if (row === null) {
    table.remove.run(change.key);
    return;
  }
  if (Object.keys(row).length !== table.columns.length) throw columnsDiffer(change.table);
  table.put.run(
    change.key,
    ...table.columns.map((column) => {
      const value = row[column];
      if (value === undefined) throw columnsDiffer(change.table);
      return value;
    }),
  );
}

function runQuery(
  client: SqlClient,
  selects: Map<string, Statement<unknown[], Row>>,
  query: RowQuery,
): readonly Row[] {
  const { name, table } = tableNamed(query.table);
  const filters = Object.keys(query.where);
  for (const filter of filters) {
    if (filter !== 'key' && !Object.hasOwn(table.columns, filter)) throw columnsDiffer(query.table);
  }
  const shape = JSON.stringify([query.table, filters, query.before !== undefined]);
  const select = selects.get(shape) ?? prepare<unknown[], Row>(client, selectOf(name, table, filters, query));
  selects.set(shape, select);
  const bounds = query.before === undefined ? [] : [query.before];
  return select.all(...Object.values(query.where), ...bounds, Math.min(query.limit, MOST_ROWS));
}

function selectOf(name: SQL, table: ReadModelTable, filters: readonly string[], query: RowQuery): SQL {
  const order = sql.identifier(table.order);
  // `is` takes null as a value like any other.
  const conditions = filters.map((filter) => sql`${sql.identifier(filter)} is ${sql.placeholder(filter)}`);
  if (query.before !== undefined) conditions.push(sql`${order} < ${sql.placeholder('before')}`);
  const where = conditions.length === 0 ? sql`` : sql`where ${sql.join(conditions, sql` and `)}`;
  // One key is one row: told to sort it, SQLite took three times as long.
  const sorted = filters[0] === 'key' ? sql`` : sql`order by ${order} desc, key desc`;
  return sql`select * from ${name} ${where} ${sorted} limit ${sql.placeholder('limit')}`;
}

function tableNamed(name: string): { readonly name: SQL; readonly table: ReadModelTable } {
  if (!isReadModelName(name)) throw new RangeError(`there is no read model ${name}`);
  return { name: sql`${sql.identifier(name)}`, table: readModelTables[name] };
}

function columnsDiffer(table: string): RangeError {
  return new RangeError(`the columns of a row differ from those of the read model ${table}`);
}
