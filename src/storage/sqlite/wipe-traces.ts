import type { Client } from './connection.ts';

/**
 * Runs a transaction in which deleted rows are overwritten with zeros, not only unlinked. On for these transactions
 * alone: everywhere else it would only cost. (Backups and older pages of the write-ahead log are the operator's.)
 */
export function withTracesWiped<T>(client: Client, work: () => T): T {
  client.pragma('secure_delete = on');
  try {
    return work();
  } finally {
    client.pragma('secure_delete = off');
  }
}

/** Empties the write-ahead log, which still holds erased text, as far as other readers allow; safe to fail. */
export function emptyWriteAheadLog(client: Client): void {
  client.pragma('wal_checkpoint(truncate)');
}
