import type { SQL } from 'drizzle-orm';
import type { Write } from '../../app/store.ts';

/** One table's share of a commit: a data-modifying part of one statement, left out when there is nothing for it. */
export interface Part<Fields extends keyof Write = keyof Write> {
  readonly name: string;
  /** Ends in a place for the condition under which it happens. */
  readonly template: (when: SQL) => SQL;
  /** Arrays, one a column, in the template's order; undefined: nothing to do. */
  readonly columns: (write: Pick<Write, Fields>) => readonly (readonly unknown[])[] | undefined;
}

/** What a part is given for its rows: one array a column; undefined when there are none. */
export function columnsOf<Row>(
  rows: readonly Row[],
  valuesOf: (row: Row) => readonly unknown[],
): readonly (readonly unknown[])[] | undefined {
  const [first, ...rest] = rows.map(valuesOf);
  if (first === undefined) return undefined;
  return first.map((one, column) => [one, ...rest.map((row) => row[column])]);
}

/** Of several changes to one row the last is what stands; sorted by key. */
export function lastOf<Row>(rows: readonly Row[], keyOf: (row: Row) => string): readonly Row[] {
  if (rows.length < 2) return rows;
  const last = new Map(rows.map((row) => [keyOf(row), row]));
  return [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}
