import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../domain/errors.ts';
import { type Client, inWriteTransaction } from './connection.ts';

interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
}

/**
 * Brings the database to this program's schema: files in the order of their names, each in one transaction, each
 * remembered with its digest. Throws `Failure` `read-only` when the database was made by a newer program, or a file
 * that was applied has been changed since: neither may be guessed at.
 */
export function migrate(client: Client, nowMs: number, directory: string = migrationsDirectory()): void {
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
    throw new Failure('read-only', `migration ${migration.name} was changed after it had been applied`, {
      mend: 'Run the program version that belongs to this database, or restore the migration file.',
    });
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

function newerSchema(name: string): Failure {
  return new Failure('read-only', `the database has a migration this program does not know: ${name}`, {
    mend: 'It was written by a newer program: run that one.',
  });
}

function readMigrations(directory: string): readonly Migration[] {
  const names = readdirSync(directory)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort();
  if (names.length === 0) throw new Error(`no migrations in ${directory}`);
  return names.map((name) => {
    const text = readFileSync(join(directory, name), 'utf8');
    return { name, text, digest: `sha256:${createHash('sha256').update(text).digest('hex')}` };
  });
}

/** `migrations/sqlite` of this program, whether it runs from its sources or from `dist`. */
function migrationsDirectory(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'migrations', 'sqlite'))) {
    if (folder === dirname(folder))
      throw new Error('the folder migrations/sqlite is missing from this installation');
    folder = dirname(folder);
  }
  return join(folder, 'migrations', 'sqlite');
}
