import { Failure } from '../domain/errors.ts';

export interface Migration {
  readonly name: string;
  readonly text: string;
  readonly digest: string;
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
