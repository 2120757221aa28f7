import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';

export type Client = Database.Database;

/** How long a writer waits for another process's transaction before it gives up. */
const BUSY_TIMEOUT_MS = 5_000;

/** Opens or creates the file for its owner only: the directory 0700 when it is made here, the file 0600. */
export function openClient(path: string): Client {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Made before SQLite sees it: the files it puts beside it (-wal, -shm) take over this mode.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  const client = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  setPragmas(client);
  return client;
}

/** FULL: in WAL mode nothing less survives a power failure after COMMIT has returned. */
export function setPragmas(client: Client): void {
  client.pragma('journal_mode = wal');
  client.pragma('synchronous = full');
  client.pragma('foreign_keys = on');
  client.pragma('trusted_schema = off');
}

/** Makes what runs its work in one read transaction, prepared once: everything read in it is of one moment. */
export function readTransaction(client: Client): <T>(work: () => T) => T {
  const begin = client.prepare('begin');
  const end = client.prepare('commit');
  return (work) => {
    begin.run();
    try {
      return work();
    } finally {
      end.run();
    }
  };
}
