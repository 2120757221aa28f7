import { DatabaseError } from 'pg';
import { Failure } from '../../domain/errors.ts';

const POOLER =
  'A pooler that hands connections on after each transaction stands in between, or one that takes no settings: name the server itself in COUNTERSIGN_DATABASE_URL, or have the pooler keep a connection for a session.';

/** By SQLSTATE, or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const MENDS: Readonly<Record<string, string>> = {
  '08P01': POOLER,
  '26000': POOLER,
  '42P05': POOLER,
  '28': 'Name and password of the database role are not accepted: check COUNTERSIGN_DATABASE_URL.',
  '3D000': 'There is no such database: create it, or correct COUNTERSIGN_DATABASE_URL.',
  '3F000': 'The schema of the connection does not exist: create it, or correct COUNTERSIGN_DATABASE_URL.',
  '42501': 'The database role lacks a right: as the owner, run `countersign server migrate --role ROLE`.',
  '42P01':
    'A table is missing: as the owner, run `countersign server migrate`; never mend the schema by hand.',
  '53100': 'The disk of the database is full: make room, then try again.',
  '53300': 'The database takes no more connections: raise max_connections, or run fewer brokers.',
  '25006': 'This server takes no writes: name the primary in COUNTERSIGN_DATABASE_URL.',
  '57014': 'The statement took too long: look for a long transaction in pg_stat_activity.',
  '55P03': 'Somebody holds a lock: look for a long transaction in pg_stat_activity.',
  '57P': 'The database is starting or stopping: try again in a moment.',
  '58': 'The machine of the database answered with an error: check it before trying again.',
  XX: 'The database is damaged: stop, keep a copy, restore the last backup.',
};

const UNREACHABLE =
  'Is PostgreSQL running there, and may this machine reach it? Check COUNTERSIGN_DATABASE_URL and the network.';

/** What PostgreSQL or the way to it threw, as `store-unavailable` with what to do; our own errors unchanged. */
export function asFailure(error: unknown): unknown {
  if (error instanceof DatabaseError) return refused(error);
  if (!isFromNetwork(error)) return error;
  return new Failure('store-unavailable', `the database does not answer: ${error.message || codeOf(error)}`, {
    mend: mendOfWay(error),
    cause: error,
  });
}

const UNBELIEVED =
  'Its certificate is not believed: name the file of its authority in COUNTERSIGN_DATABASE_URL (sslmode=verify-full&sslrootcert=FILE), and the server as its certificate does.';
const NO_TLS = 'Switch `ssl` on in the server, or leave sslmode out where the way to it is safe without.';

function mendOfWay(error: Error): string {
  if (CERTIFICATE_CODES.test(codeOf(error))) return UNBELIEVED;
  return error.message.startsWith('The server does not support SSL') ? NO_TLS : UNREACHABLE;
}

/** Whether nothing is known of what became of a statement: its answer never came, or said as much itself. */
export function leavesDoubt(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return isFromNetwork(error);
  if (error.severity === 'FATAL' || error.severity === 'PANIC') return true;
  return /^(08|57P0|40003)/.test(error.code ?? '');
}

/** Its detail may hold a row's values: only code and message go on. */
function refused(error: DatabaseError): Failure {
  const { code = '', message } = error;
  const family = Object.keys(MENDS).find((one) => code.startsWith(one));
  const mend = family === undefined ? undefined : MENDS[family];
  return new Failure('store-unavailable', `the database refused: ${message} (${code})`, {
    ...(mend === undefined ? {} : { mend }),
    cause: new Error(`${code} ${message}`),
  });
}

/** A name with several addresses fails without words of its own. */
const codeOf = (error: Error): string => ('code' in error ? String(error.code) : 'unknown');

/** The driver's own: a socket's errors by their code, and those it makes up when one ends or a time is over. */
function isFromNetwork(error: unknown): error is Error {
  if (!(error instanceof Error) || error instanceof Failure) return false;
  if (
    'code' in error &&
    typeof error.code === 'string' &&
    /^(E[A-Z]+|ERR_[A-Z_]+|SELF_|CERT_|UNABLE_|DEPTH_|HOSTNAME_)/.test(error.code)
  )
    return true;
  return DRIVER_ENDINGS.test(error.message);
}

/** Node's own: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE_CODES = /^(CERT_|SELF_|DEPTH_|UNABLE_TO_|HOSTNAME_|ERR_TLS_CERT)/;

const DRIVER_ENDINGS =
  /^(Connection terminated|Query read timeout|timeout (expired|exceeded)|Client (was closed|has encountered)|Cannot use a pool after|The server does not support SSL|getaddrinfo)/;
