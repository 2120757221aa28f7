import {
  changedMigration,
  type Migration,
  migrationsDirectory,
  newerSchema,
  readMigrations,
} from '../migration-files.ts';
import { type Client, inWriteTransaction } from './connection.ts';

/**
 * Brings the database to this program's schema: files in the order of their names, each in one transaction, each
 * remembered with its digest. Throws `Failure` `read-only` when the database was made by a newer program, or a file
 * that was applied has been changed since: neither may be guessed at.
 */
export function migrate(
  client: Client,
  nowMs: number,
  directory: string = migrationsDirectory('sqlite'),
): void {
  const migrations = readMigrations(directory);
  inWriteTransaction(client, () =>
    client.exec(
      'create table if not exists migrations (name text primary key, digest text not null, applied_at_ms integer not null) strict',
    ),
  );
  // One transaction each, and each looks again: two processes may start on one new file.
  for (const migration of migrations) inWriteTransaction(client, () => applyOnce(client, migration, nowMs));
  refuseNewerSchema(client, migrations);
}

function applyOnce(client: Client, migration: Migration, nowMs: number): void {
  const applied = client
    .prepare<[string], { digest: string }>('select digest from migrations where name = ?')
    .get(migration.name);
  if (applied === undefined) {
    refuseGap(client, migration);
    client.exec(migration.text);
    client
      .prepare('insert into migrations (name, digest, applied_at_ms) values (?, ?, ?)')
      .run(migration.name, migration.digest, nowMs);
  } else if (applied.digest !== migration.digest) {
    throw changedMigration(migration.name);
  }
}

function refuseGap(client: Client, migration: Migration): void {
  const later = client
    .prepare<[string], { name: string }>('select name from migrations where name > ? limit 1')
    .get(migration.name);
  if (later !== undefined) throw newerSchema(later.name);
}

function refuseNewerSchema(client: Client, migrations: readonly Migration[]): void {
  const known = new Set(migrations.map((migration) => migration.name));
  const applied = client.prepare<[], { name: string }>('select name from migrations order by name').all();
  const unknown = applied.find((row) => !known.has(row.name));
  if (unknown !== undefined) throw newerSchema(unknown.name);
}
