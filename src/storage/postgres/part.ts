import { type SQL, sql } from 'drizzle-orm';
import type { Write } from '../../app/store.ts';
import { binaryArray, type ColumnType } from './binary-array.ts';

/** One table's share of a commit: a data-modifying part of one statement, left out when there is nothing for it. */
export interface Part<Fields extends keyof Write = keyof Write> {
  readonly name: string;
  /** Ends in a place for the condition under which it happens. */
  readonly template: (when: SQL) => SQL;
  /** Arrays, one a column, in the template's order; undefined: nothing to do. */
  readonly columns: (write: Pick<Write, Fields>) => readonly Buffer[] | undefined;
}

/** Rows that are given as one array a column, to stand in a `from`. */
export function unnested(types: readonly ColumnType[]): SQL {
  const arrays = types.map((type, at) => sql`${sql.placeholder(`column ${at}`)}::${sql.raw(type)}[]`);
  return sql`unnest(${sql.join(arrays, sql`, `)})`;
}

/** What `unnested` of the same types is given for these rows; undefined when there are none. */
export function columnsOf<Row>(
  types: readonly ColumnType[],
  rows: readonly Row[],
  valuesOf: (row: Row) => readonly unknown[],
): readonly Buffer[] | undefined {
  if (rows.length === 0) return undefined;
  const values = rows.map(valuesOf);
  return types.map((type, column) =>
    binaryArray(
      type,
      values.map((row) => row[column]),
    ),
  );
}

/** Of several changes to one row the last is what stands; sorted by key. */
export function lastOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  if (rows.length < 2) return rows;
  const last = new Map(rows.map((row) => [keyOf(row), row]));
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
