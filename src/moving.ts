import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Copied, copyLog, type LogPlace } from './app/sequencer/copy-log.ts';
import { rebuildDerived } from './app/sequencer/rebuild.ts';
import { trustOf } from './app/sequencer/sequencer.ts';
import type { Store } from './app/store.ts';
import { dataFiles } from './assemble.ts';
import type { Config } from './config.ts';
import { databaseUrlFrom } from './config-file.ts';
import { Failure } from './domain/errors.ts';
import { readKeyFiles } from './platform/key-files.ts';
import { ed25519Signer, verifyEd25519 } from './platform/node-ed25519.ts';
import { nodeHasher } from './platform/node-hasher.ts';
import { systemClock } from './platform/system-clock.ts';
import { registry } from './projections/registry.ts';
import { postgresPlace } from './storage/postgres/place.ts';
import { migratePostgres, openPostgresStore } from './storage/postgres/postgres-store.ts';
import { backUpSqlite, sqlitePlace } from './storage/sqlite/place.ts';
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts';

/** A data directory with the log's keys, and the configuration that names the log. */
interface Given {
  readonly config: Config;
  readonly data: string;
}

/**
 * Brings the schema to this program's, before brokers of this version start and while those of the last one still run.
 * @returns the migrations that were applied; null for a file, whose schema comes up when it is opened
 */
export async function migrateStore(given: {
  readonly data: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly role?: string;
}): Promise<readonly string[] | null> {
  const url = databaseUrlFrom(given.environment);
  const nowMs = systemClock.nowMs();
  if (url !== null) {
    return migratePostgres(url, { nowMs, ...(given.role === undefined ? {} : { role: given.role }) });
  }
  if (given.role !== undefined) {
    throw new Failure('malformed-input', 'A file has no roles.', {
      mend: 'Name the database in COUNTERSIGN_DATABASE_URL, as its owner.',
    });
  }
  const path = dataFiles(given.data).database;
  if (!existsSync(path)) throw new Failure('not-found', `there is no file ${path}`);
  await openSqliteStore(path, { nowMs }).close();
  return null;
}

/** Copies a log to an empty place, proves every row and the root there, and makes its lists. */
export async function copyServerLog(
  given: Given & { readonly from: string; readonly to: string },
): Promise<Copied> {
  const [from, to] = [placeOf(given.from), placeOf(given.to)];
  try {
    const copied = await copyLog(from, to, nodeHasher);
    await proveRoot(given, given.to, copied);
    return copied;
  } finally {
    await from.close();
    await to.close();
  }
}

/** While brokers run. From PostgreSQL too it is a SQLite file: one that any broker can start on. */
export async function backUpServer(given: Given & { readonly path: string }): Promise<Copied> {
  const { config, data, path } = given;
  if (existsSync(path)) {
    throw new Failure('already-done', `${path} is there already`, {
      mend: 'A backup is never written over: name another file.',
    });
  }
  try {
    if (config.databaseUrl !== null)
      return await copyServerLog({ ...given, from: config.databaseUrl, to: path });
    await requireFile(dataFiles(data).database);
    await backUpSqlite(dataFiles(data).database, path);
    return await proveRoot(given, path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Puts a backup where the configuration says the log is, which must be empty. */
export function restoreServer(given: Given & { readonly path: string }): Promise<Copied> {
  const to = given.config.databaseUrl ?? dataFiles(given.data).database;
  return copyServerLog({ ...given, from: given.path, to });
}

async function requireFile(path: string): Promise<void> {
  if (!existsSync(path)) throw new Failure('not-found', `there is no log in ${path}`);
}

/** Makes the derived rows from the entries, which fails unless those have the root that was signed. */
async function proveRoot({ config, data }: Given, place: string, expected?: Copied): Promise<Copied> {
  const store = await storeAt(place);
  try {
    const signer = ed25519Signer(config.origin, readKeyFiles(dataFiles(data).keys).logPem);
    const { size } = await rebuildDerived(
      trustOf({ store, hasher: nodeHasher, verify: verifyEd25519, signer }),
      registry,
    );
    const root = Buffer.from((await store.head())?.root ?? []).toString('hex');
    if (expected === undefined || (expected.size === size && expected.root === root)) return { size, root };
    throw new Failure('internal', 'the copy has another root than the log it was made of');
  } finally {
    await store.close();
  }
}

const isPostgres = (place: string): boolean => /^postgres(ql)?:/.test(place);
const pathOf = (place: string): string => resolve(place.replace(/^file:(\/\/)?/, ''));

function placeOf(place: string): LogPlace {
  const nowMs = systemClock.nowMs();
  return isPostgres(place) ? postgresPlace(place, nowMs) : sqlitePlace(pathOf(place), nowMs);
}

async function storeAt(place: string): Promise<Store> {
  const nowMs = systemClock.nowMs();
  return isPostgres(place) ? openPostgresStore(place, { nowMs }) : openSqliteStore(pathOf(place), { nowMs });
}
