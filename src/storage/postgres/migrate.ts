import type { PoolClient } from 'pg';
import { Failure } from '../../domain/errors.ts';
import { type AppliedMigration, type Migration, pendingMigrations } from '../migration.ts';
import { migrationsDirectory, readMigrations } from '../migration-files.ts';
import type { Database } from './connection.ts';
import { asFailure } from './failures.ts';

/** Held while a schema is changed, so that of two programs that start at once one does it. */
const LOCK = 4_715_063_222;

/** `unnest` of several arrays in FROM, `on conflict`, `offset 0` in lateral: all older; this is what is still mended. */
const OLDEST_VERSION = 140_000;

/**
 * Brings the schema to this program's, all of it or nothing, and tells which migrations that took. Forward only.
 * Throws `Failure` `read-only` for a schema that is newer or was tampered with, or that this role may not bring up;
 * `store-unavailable` for a server that cannot carry a log.
 */
export async function migrate(
  database: Database,
  nowMs: number,
  directory: string = migrationsDirectory('postgres'),
): Promise<readonly string[]> {
  const migrations = readMigrations(directory);
  try {
    return await database.on(async (client) => {
      await requireFit(client);
      if (pendingMigrations(migrations, await appliedOn(client)).length === 0) return [];
      return bringUp(client, migrations, nowMs);
    });
  } catch (error) {
    throw asFailure(error);
  }
}

async function requireFit(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{
    version: number;
    standby: boolean;
    encoding: string;
    schema: string | null;
    durable: string;
  }>(
    `select current_setting('server_version_num')::int as version, pg_is_in_recovery() as standby,
      current_setting('server_encoding') as encoding, current_schema() as schema,
      current_setting('synchronous_commit') as durable`,
  );
  const [server] = rows;
  if (server === undefined || server.version < OLDEST_VERSION) {
    throw unfit(
      `PostgreSQL ${Math.floor((server?.version ?? 0) / 10_000)} is too old`,
      `Use PostgreSQL ${OLDEST_VERSION / 10_000} or newer.`,
    );
  }
  if (server.standby) {
    throw unfit(
      'this server is a standby: it takes no writes',
      'Name the primary in COUNTERSIGN_DATABASE_URL.',
    );
  }
  if (server.encoding !== 'UTF8') {
    throw unfit(
      `the database is encoded in ${server.encoding}`,
      "Create one with `create database … encoding 'UTF8' template template0`.",
    );
  }
  if (server.durable !== 'on') {
    throw unfit(
      `commits would be answered before they are durable (synchronous_commit is ${server.durable})`,
      'Something on the way to the server drops what the connection asks for: name the server itself in COUNTERSIGN_DATABASE_URL, or set `synchronous_commit = on` there.',
    );
  }
  if (server.schema === null) {
    throw unfit(
      'no schema of the search path exists, or this role may not use it',
      'Create the schema and grant `usage` on it, or correct `search_path` in COUNTERSIGN_DATABASE_URL.',
    );
  }
}

const unfit = (message: string, mend: string): Failure => new Failure('store-unavailable', message, { mend });

async function appliedOn(client: PoolClient): Promise<readonly AppliedMigration[]> {
  const { rows } = await client.query<{ there: boolean }>(
    `select to_regclass('migrations') is not null as there`,
  );
  if (rows[0]?.there !== true) return [];
  return (await client.query<AppliedMigration>('select name, digest from migrations order by name')).rows;
}

async function bringUp(
  client: PoolClient,
  migrations: readonly Migration[],
  nowMs: number,
): Promise<readonly string[]> {
  await requireOwner(client);
  await client.query('begin');
  try {
    await client.query(`set local statement_timeout = 0`);
    await client.query(`select pg_advisory_xact_lock(${LOCK})`);
    await client.query(
      'create table if not exists migrations (name text collate "C" primary key, digest text not null, applied_at_ms bigint not null)',
    );
    const pending = pendingMigrations(migrations, await appliedOn(client));
    for (const { name, text, digest } of pending) {
      await client.query(text);
      await client.query('insert into migrations (name, digest, applied_at_ms) values ($1, $2, $3)', [
        name,
        digest,
        nowMs,
      ]);
    }
    await client.query('commit');
    return pending.map(({ name }) => name);
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function requireOwner(client: PoolClient): Promise<void> {
  const { rows } = await client.query<{ may: boolean; role: string }>(
    `select has_schema_privilege(current_schema(), 'create') as may, current_user as role`,
  );
  if (rows[0]?.may === true) return;
  throw new Failure(
    'read-only',
    `the schema is missing or older than this program, and ${rows[0]?.role} may not change it`,
    {
      mend: 'As the owner, run `countersign server migrate --role ROLE`, then start this again.',
    },
  );
}
