import type { DurableObjectStorage } from '@cloudflare/workers-types';
import type { Store } from '../../app/store.ts';
import type { Migration } from '../migration.ts';
import { applyMigrations } from '../sqlite/apply-migrations.ts';
import { storeOnEngine } from '../sqlite/store-on-engine.ts';
import { durableEngine } from './durable-engine.ts';

/**
 * The log in a Durable Object. Brings the schema up. Given the same object again it answers with the same store: two
 * would not see each other's commits.
 * @param nowMs when a migration is applied; only remembered
 * @throws Failure `read-only` for a schema this program does not know, `store-unavailable`
 */
export function openDurableStore(
  storage: DurableObjectStorage,
  { migrations, nowMs }: { readonly migrations: readonly Migration[]; readonly nowMs: number },
): Store {
  const engine = durableEngine(storage);
  applyMigrations(engine, migrations, nowMs);
  const store = opened.get(storage) ?? storeOnEngine(engine);
  opened.set(storage, store);
  return store;
}

const opened = new WeakMap<DurableObjectStorage, Store>();
