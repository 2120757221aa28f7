import type { RowChange } from '../app/store.ts';

/**
 * The read models: tables of whole rows made from folded state, which lists and pages read and any rebuild makes
 * again. No decision reads them, and they hold no personal text. Time-dependent status is never a column: rows hold
 * deadlines. Every table also has `key` (text, primary key); names here are the only ones that ever reach SQL.
 */
export interface ReadModelTable {
  /** All columns but `key`, in the order of the migration. */
  readonly columns: Readonly<Record<string, ColumnKind>>;
  /** Rows are listed by this column, highest first. */
  readonly order: string;
  /** Columns that lists filter by; each has an index together with the order column. */
  readonly filters: readonly string[];
}

export type ColumnKind = 'text' | 'integer' | 'text or null' | 'integer or null';

export const readModelTables = {
  /** One row a request, as of its last entry. */
  requests: {
    columns: {
      /** Last entry that touched it. */
      seq: 'integer',
      /** Its `request.submitted`. */
      ordinal: 'integer',
      person: 'text',
      entitlement: 'text',
      /** One a line. */
      targets: 'text',
      /** The grant that it is to carry on. */
      extends_grant: 'text or null',
      state: 'text',
      submitted_at_ms: 'integer',
      review_by_ms: 'integer or null',
      ends_at_ms: 'integer or null',
      /** 0 or 1. */
      break_glass: 'integer',
      /** 1 while pending or usable, else 0. */
      open: 'integer',
    },
    order: 'ordinal',
    filters: ['person', 'open', 'extends_grant'],
  },
  /** What waits for whom; key: request, newline, purpose (`review`, `review-break-glass`), newline, group. */
  waiting: {
    columns: {
      seq: 'integer',
      ordinal: 'integer',
      request: 'text',
      group_name: 'text',
      purpose: 'text',
      review_by_ms: 'integer',
    },
    order: 'ordinal',
    filters: ['group_name', 'purpose'],
  },
  /** One row a grant. */
  grants: {
    columns: {
      seq: 'integer',
      ordinal: 'integer',
      request: 'text',
      person: 'text',
      target: 'text',
      ends_at_ms: 'integer or null',
      activate_by_ms: 'integer',
      open: 'integer',
    },
    order: 'ordinal',
    filters: ['person', 'open'],
  },
  /** One row a person; `display_seq` is the entry with the newest disclosed display name. */
  people: {
    columns: {
      seq: 'integer',
      ordinal: 'integer',
      issuer: 'text',
      display_seq: 'integer or null',
    },
    order: 'ordinal',
    filters: ['issuer'],
  },
  /** Tickets of the built-in register; key: the stream's name without its kind. */
  tickets: {
    columns: {
      seq: 'integer',
      ordinal: 'integer',
      source: 'text',
      project: 'text',
      state: 'text',
      creator: 'text',
    },
    order: 'ordinal',
    filters: ['source', 'creator'],
  },
} as const satisfies Record<string, ReadModelTable>;

export type ReadModelName = keyof typeof readModelTables;

type ColumnValue = {
  readonly text: string;
  readonly integer: number;
  readonly 'text or null': string | null;
  readonly 'integer or null': number | null;
};

/** A read model's row without its key. */
export type ReadModelRow<Table extends ReadModelName> = {
  readonly [Column in keyof (typeof readModelTables)[Table]['columns']]: ColumnValue[(typeof readModelTables)[Table]['columns'][Column] &
    ColumnKind];
};

/** A whole row of one read model, or its end (null), with its columns checked by the compiler. */
export function rowChange<Table extends ReadModelName>(
  table: Table,
  key: string,
  row: ReadModelRow<Table> | null,
): RowChange {
  return { table, key, row };
}

export function isReadModelName(name: string): name is ReadModelName {
  return Object.hasOwn(readModelTables, name);
}
