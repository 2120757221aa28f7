import type { SQL } from 'drizzle-orm';
import { SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';

/** What statements are asked through: a file's connection, or the SQLite of a Durable Object. Answers come at once. */
export interface SqlClient {
  prepare(text: string): SqlStatement;
  exec(text: string): unknown;
  /** Each statement costs more than its rows do: so many go in one where there are as many. Largest first. */
  readonly rowsAtOnce?: readonly number[];
}

interface SqlStatement {
  get(...parameters: unknown[]): unknown;
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): unknown;
}

/** A statement whose parameters, by position, and rows are known. */
export interface Statement<Parameters extends unknown[], Row = unknown> {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  run(...parameters: Parameters): unknown;
}

/** Prepares a `sql` template once; its placeholders are bound by position, in the order they stand in. */
export function prepare<Parameters extends unknown[], Row = unknown>(
  client: SqlClient,
  template: SQL,
): Statement<Parameters, Row> {
  return prepareText(client, dialect.sqlToQuery(template).sql);
}

/** The same for text that has no names to be put in. */
export function prepareText<Parameters extends unknown[], Row = unknown>(
  client: SqlClient,
  text: string,
): Statement<Parameters, Row> {
  // Rows are what the statement's columns say; nothing checks that but the tests of each statement.
  return client.prepare(text) as Statement<Parameters, Row>;
}

/** An insertion of rows, each the values of its columns in their order, by as few statements as the client likes. */
export function prepareRows<Row extends readonly unknown[]>(
  client: SqlClient,
  statement: { readonly into: string; readonly columns: readonly string[]; readonly onConflict?: string },
): (rows: readonly Row[]) => void {
  const { into, columns, onConflict = '' } = statement;
  const row = `(${columns.map(() => '?').join(', ')})`;
  const ofRows = (count: number) => {
    const rows = Array<string>(count).fill(row).join(', ');
    const text = `insert into ${into} (${columns.join(', ')}) values ${rows} ${onConflict}`;
    return { count, insert: client.prepare(text) };
  };
  const [one, many] = [ofRows(1), (client.rowsAtOnce ?? []).map(ofRows)];
  return (rows) => {
    let at = 0;
    for (const { count, insert } of many) {
      for (; at + count <= rows.length; at += count) insert.run(...rows.slice(at, at + count).flat());
    }
    for (const row of at === 0 ? rows : rows.slice(at)) one.insert.run(...row);
  };
}

const dialect = new SQLiteSyncDialect();

/** `texts` were people's, and leave the disk at once if they can. */
export type Wipes = 'nothing' | 'secrets' | 'texts';

/** What differs between a file and a Durable Object. */
export interface Engine {
  readonly client: SqlClient;
  /**
   * Runs `work` in one transaction. When it answers false, or throws, nothing is written.
   * @param wipes what is deleted in it leaves no trace, as far as the engine can see to that
   */
  transaction<T>(work: () => T, wipes?: Wipes): T;
  /** Prepares to read the bytes of entries in [from, to), where this engine has a faster way than a value for each. */
  prepareEntries?(): (from: number, to: number) => readonly Uint8Array[];
  /** Everything read in `work` is of one moment. */
  atOneMoment<T>(work: () => T): T;
  /** Resolves when every commit so far survives a loss of power; throws OutcomeUnknown when nobody knows. */
  settled(): Promise<void>;
  /** What the engine threw, in our words and with what to do. */
  asFailure(error: unknown): unknown;
  close(): void;
}

/** Runs a synchronous call as a promise, with the engine's errors in our words. */
export async function answered<T>(engine: Engine, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    throw engine.asFailure(error);
  }
}
