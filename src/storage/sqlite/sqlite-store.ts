import type { Store } from '../../app/store.ts';
import { openClient } from './connection.ts';
import { asFailure } from './failures.ts';
import { fileEngine } from './file-engine.ts';
import { migrate } from './migrate.ts';
import { storeOnEngine } from './store-on-engine.ts';

export interface SqliteStoreOptions {
  /** When a migration is applied; only remembered. */
  readonly nowMs: number;
  readonly migrationsDirectory?: string;
}

/**
 * The log in one SQLite file, which several processes may open. Creates file and schema when they are missing.
 * Throws `Failure` `read-only` for a schema this program does not know, `store-unavailable` when it cannot be opened.
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions): Store {
  try {
    const client = openClient(path);
    migrate(client, options.nowMs, options.migrationsDirectory);
    return storeOnEngine(fileEngine(client));
  } catch (error) {
    throw asFailure(error);
  }
}
