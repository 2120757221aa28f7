import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../domain/errors.ts';

export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
}

/** The files of a folder in the order in which they are applied. */
export function readMigrations(directory: string): readonly Migration[] {
  const names = readdirSync(directory)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort();
  if (names.length === 0) throw new Error(`no migrations in ${directory}`);
  return names.map((name) => {
    const text = readFileSync(join(directory, name), 'utf8');
    return { name, text, digest: `sha256:${createHash('sha256').update(text).digest('hex')}` };
  });
}

/** `migrations/<engine>` of this program, whether it runs from its sources or from `dist`. */
export function migrationsDirectory(engine: 'sqlite' | 'postgres'): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'migrations', engine))) {
    if (folder === dirname(folder))
      throw new Error(`the folder migrations/${engine} is missing from this installation`);
    folder = dirname(folder);
  }
  return join(folder, 'migrations', engine);
}

export interface AppliedMigration {
  readonly name: string;
  readonly digest: string;
}

/**
 * What is still to be applied, in order. Throws `Failure` `read-only` when the database was made by a newer program,
 * or a file that was applied has been changed since: neither may be guessed at.
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  const unknown = applied.find(({ name }) => !known.has(name));
  if (unknown !== undefined) throw newerSchema(unknown.name);
  const changed = applied.find(({ name, digest }) => known.get(name)?.digest !== digest);
  if (changed !== undefined) throw changedMigration(changed.name);
  const done = new Set(applied.map(({ name }) => name));
  const pending = migrations.filter(({ name }) => !done.has(name));
  const later = applied.find(({ name }) => name > (pending[0]?.name ?? '\uffff'));
  if (later !== undefined) throw newerSchema(later.name);
  return pending;
}

export function newerSchema(name: string): Failure {
  return new Failure('read-only', `the database has a migration this program does not know: ${name}`, {
    mend: 'It was written by a newer program: run that one.',
  });
}

export function changedMigration(name: string): Failure {
  return new Failure('read-only', `migration ${name} was changed after it had been applied`, {
    mend: 'Run the program version that belongs to this database, or restore the migration file.',
  });
}
