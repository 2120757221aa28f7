import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Broker } from './app/broker.ts';
import type { Clock, Random } from './app/ports.ts';
import type { Store } from './app/store.ts';
import { installedReference } from './cloud-actions/aws/reference.ts';
import { type Assembled, compose, type Installation } from './compose.ts';
import type { Config } from './config.ts';
import { readAssets } from './http/asset-files.ts';
import { emailNotifier } from './notify/email.ts';
import { readKeyFiles } from './platform/key-files.ts';
import { nodeRandom } from './platform/node-random.ts';
import { systemClock } from './platform/system-clock.ts';
import { openPostgresStore } from './storage/postgres/postgres-store.ts';
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts';

/** What a data directory holds; nothing else of the broker's is kept anywhere. */
export const dataFiles = (data: string) => ({
  database: join(data, 'countersign.db'),
  keys: join(data, 'keys'),
  config: join(data, 'server.yaml'),
  /** The newest checkpoint that this broker saw: apart from a database, it shows that an old one was put back. */
  checkpoint: join(data, 'newest.checkpoint'),
});

/** Name and version, as every entry tells it. */
export const program = `countersign/${versionOf()}`;

function versionOf(): string {
  const near = [new URL('../package.json', import.meta.url), new URL('../../package.json', import.meta.url)];
  const path = near.find((candidate) => existsSync(candidate));
  if (path === undefined) return '0.0.0';
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}

const installation: Installation = { program, readAssets, awsReference: installedReference };

/** A test may turn the clock; everything else is the real thing. */
export interface Platform {
  /** Checkpoints that were kept outside the store. */
  readonly heldCheckpoints?: readonly Uint8Array[];
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Puts the broker together from its configuration and data directory. */
export async function assemble(
  config: Config,
  data: string,
  report: Broker['report'],
  platform: Platform = {},
): Promise<Assembled> {
  const clock = platform.clock ?? systemClock;
  const random = platform.random ?? nodeRandom();
  const keys = readKeyFiles(dataFiles(data).keys);
  const store = await openStore(data, config.databaseUrl, clock, (what) =>
    report({ what, error: undefined }),
  );
  const { heldCheckpoints = [] } = platform;
  const { email } = config.notify;
  return compose({
    config,
    clock,
    random,
    keys,
    store,
    heldCheckpoints,
    report,
    host: hostname(),
    installation,
    emailNotifier: email === null ? null : emailNotifier(email),
  });
}

/** In PostgreSQL where an address says so, else in the data directory's file. */
export async function openStore(
  data: string,
  databaseUrl: string | null,
  clock: Clock,
  notice: (what: string) => void = () => undefined,
): Promise<Store> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (databaseUrl !== null) return openPostgresStore(databaseUrl, { nowMs: clock.nowMs(), notice });
  return openSqliteStore(dataFiles(data).database, { nowMs: clock.nowMs() });
}
