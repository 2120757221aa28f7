import Database from 'better-sqlite3';
import { Failure } from '../../domain/errors.ts';

const MENDS: Readonly<Record<string, string>> = {
  SQLITE_BUSY: 'Another process holds the database: try again, and look for a long-running command.',
  SQLITE_FULL: 'The disk is full: make room, then try again.',
  SQLITE_READONLY: 'The database file cannot be written: check its owner and mode.',
  SQLITE_CORRUPT: 'The database file is damaged: stop, keep a copy, restore the last backup.',
  SQLITE_IOERR: 'The disk answered with an error: check the machine before trying again.',
};

/** What SQLite threw, as `store-unavailable` with what to do; anything else unchanged. */
export function asFailure(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const family = Object.keys(MENDS).find((code) => error.code.startsWith(code));
  const mend = family === undefined ? undefined : MENDS[family];
  return new Failure('store-unavailable', `the database refused: ${error.message}`, {
    ...(mend === undefined ? {} : { mend }),
    cause: error,
  });
}

/** COMMIT that failed for being busy has left the transaction open and nothing written; other errors leave a doubt. */
export function leavesDoubt(error: unknown): boolean {
  return !(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY'));
}
