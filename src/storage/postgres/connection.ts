import { createHash } from 'node:crypto';
import type { SQL } from 'drizzle-orm';
import { PgDialect } from 'drizzle-orm/pg-core';
import { Pool, type PoolClient, types } from 'pg';
import { Failure } from '../../domain/errors.ts';
import { asFailure, leavesDoubt } from './failures.ts';

/** A statement that each connection prepares once, under its name; values are bound by position. */
export interface Statement<Row> {
  readonly name: string;
  readonly text: string;
  /** Never set: it only carries the rows' type. */
  readonly row?: Row;
}

/** One database, by a few connections that are made again when they break. */
export interface Database {
  /** Reads, again on a new connection while the database does not answer, for about three seconds. */
  read<Row>(statement: Statement<Row>, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Sends once. Throws what the driver threw: `leavesDoubt` tells whether it may have happened. */
  send<Row>(statement: Statement<Row>, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** One connection for a while; one that `work` failed on is not used again. */
  on<T>(work: (client: PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** At most; a broker writes on one, and holds another one's turn. */
const MOST_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** The server gives up a statement after this, the client a little later, when the server is not there any more. */
const STATEMENT_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 35_000;
const LOCK_TIMEOUT_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 60_000;
const PAUSES_MS = [0, 100, 300, 900, 1_800];
/** A way that swallows everything is not waited for again and again. */
const MOST_PATIENCE_MS = 4_000;

/** Connects to nothing yet. Throws `Failure` `malformed-input` for an address that is none. */
export function openDatabase(url: string): Database {
  const pool = new Pool(poolConfig(url));
  // A broken connection is replaced when the next is needed; what was under way on it is told where it was asked.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => void client.on('error', () => undefined));
  const on = async <T>(work: (client: PoolClient) => Promise<T>): Promise<T> => {
    const client = await connect(pool);
    try {
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      // Thrown away: whether it was left in a transaction is known only after the error was told.
      client.release(true);
      throw error;
    }
  };
  const send = <Row>(statement: Statement<Row>, values: readonly unknown[] = []): Promise<readonly Row[]> =>
    on((client) => run(client, statement, values));
  return {
    on,
    send,
    read: (statement, values) => insistently(() => send(statement, values)),
    close: () => pool.end(),
  };
}

/** Prepares a `sql` template; its placeholders are bound by position, in the order they stand in. */
export function prepared<Row = unknown>(template: SQL): Statement<Row> {
  const text = dialect.sqlToQuery(template).sql;
  return { name: `c${createHash('sha256').update(text).digest('hex').slice(0, 20)}`, text };
}

const dialect = new PgDialect();

export async function run<Row>(
  client: PoolClient,
  { name, text }: Statement<Row>,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { rows } = await client.query<Row & object>({ name, text, values: [...values] });
  return rows;
}

async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    // Nothing was sent: there is no doubt about anything.
    throw asFailure(error);
  }
}

async function insistently<T>(work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  for (const pauseMs of PAUSES_MS) {
    try {
      return await work();
    } catch (error) {
      const mayPass = leavesDoubt(error) || isUnreachable(error);
      if (!mayPass || performance.now() - start > MOST_PATIENCE_MS) throw asFailure(error);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  return work().catch((error: unknown) => {
    throw asFailure(error);
  });
}

/** A role without rights, a missing database, are there next time too. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof Failure && /does not answer|\(57P0\d\)|\(53300\)/.test(error.message);

function poolConfig(url: string) {
  const { address, options } = splitOptions(url);
  return {
    connectionString: address,
    // `on`: an answer comes after the write-ahead log is on disk, and on the synchronous standbys if there are any.
    options: `${options} -c synchronous_commit=on`.trim(),
    application_name: 'countersign',
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: { getTypeParser },
  };
}

/** What an address sets of `options` would otherwise take the place of ours. */
function splitOptions(url: string): { readonly address: string; readonly options: string } {
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new Failure('malformed-input', 'The address of the database is not one of PostgreSQL.', {
      mend: 'Write COUNTERSIGN_DATABASE_URL as postgres://ROLE:PASSWORD@HOST:5432/DATABASE.',
    });
  }
  const address = new URL(url);
  const options = address.searchParams.get('options') ?? '';
  address.searchParams.delete('options');
  return { address: address.href, options };
}

const INT8 = 20;

/** Numbers of entries and milliseconds are far below 2^53; one that is not is damage, never to be rounded. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`the database holds ${text}, which is no number of ours`);
  return value;
}

// The driver's own signature is overloaded by format; text is the only one asked for.
const getTypeParser = ((oid: number, format?: 'text') =>
  oid === INT8 ? safeInteger : types.getTypeParser(oid, format)) as typeof types.getTypeParser;
