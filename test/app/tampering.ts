import Database from 'better-sqlite3';
import type { Store } from '../../src/app/store.ts';

/** Changes the file behind the broker's back, as somebody with the database's password could. */
export function tamper(path: string, ...statements: readonly string[]): void {
  const client = new Database(path);
  client.exec(
    'drop trigger if exists entries_are_never_changed; drop trigger if exists entries_are_never_deleted;',
  );
  for (const statement of statements) client.exec(statement);
  client.close();
}

/** A store in which some calls are answered differently. */
export function storeWith(store: Store, changes: Partial<Store>): Store {
  return { ...store, ...changes };
}
