import { type AppliedMigration, type Migration, pendingMigrations } from '../migration.ts';
import { type Engine, prepareText, type SqlClient } from './sql-client.ts';

/**
 * Brings the database to this program's schema: in the order of their names, each in one transaction, each remembered
 * with its digest. Throws `Failure` `read-only` when the database was made by a newer program, or a migration that was
 * applied has been changed since: neither may be guessed at.
 */
export function applyMigrations(
  engine: Pick<Engine, 'client' | 'transaction'>,
  migrations: readonly Migration[],
  nowMs: number,
): void {
  const { client } = engine;
  engine.transaction(() =>
    client.exec(
      'create table if not exists migrations (name text primary key, digest text not null, applied_at_ms integer not null) strict',
    ),
  );
  // One transaction each, and each looks again: two processes may start on one new file.
  while (engine.transaction(() => applyNext(client, migrations, nowMs)));
}

/** false: there was none left. */
function applyNext(client: SqlClient, migrations: readonly Migration[], nowMs: number): boolean {
  const applied = prepareText<[], AppliedMigration>(client, 'select name, digest from migrations').all();
  const [next] = pendingMigrations(migrations, applied);
  if (next === undefined) return false;
  client.exec(next.text);
  client
    .prepare('insert into migrations (name, digest, applied_at_ms) values (?, ?, ?)')
    .run(next.name, next.digest, nowMs);
  return true;
}
