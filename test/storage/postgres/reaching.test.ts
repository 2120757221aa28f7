import { execFileSync } from 'node:child_process';
import { chownSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beginLog } from '../../../src/app/sequencer/begin-log.ts';
import { migrationsDirectory } from '../../../src/storage/migration-files.ts';
import { openDatabase, prepared, run } from '../../../src/storage/postgres/connection.ts';
import { asFailure } from '../../../src/storage/postgres/failures.ts';
import { migratePostgres, openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { asAdministrator, startTestPostgres, type TestPostgres } from '../../../tools/test-postgres.ts';
import { expectWholeLog } from '../../app/child-brokers.ts';
import { openTicketLog, partsOn, writeTicket } from '../../app/ticket-log.ts';
import { startCuttingProxy } from './cutting-proxy.ts';

const certificates = fileURLToPath(new URL('./tls/', import.meta.url));
const authority = join(certificates, 'ca.pem');
const NOT_OURS = 'the database of the tests is not ours to give a certificate';
const secret = mkdtempSync(join(tmpdir(), 'countersign-tls-'));

let server: TestPostgres;
let secure: TestPostgres;
beforeAll(async () => {
  server = await startTestPostgres();
  secure = await startTestPostgres(['fsync=off', 'ssl=on', ...certificateSettings()]);
});
afterAll(async () => {
  await server?.stop();
  await secure?.stop();
  rmSync(secret, { recursive: true, force: true });
});

/** The server reads its key only from a file that is its own. */
function certificateSettings(): readonly string[] {
  for (const name of ['server.pem', 'server.key.pem']) {
    cpSync(join(certificates, name), join(secret, name));
    execFileSync('chmod', ['600', join(secret, name)]);
  }
  if (userInfo().uid === 0) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'])));
    for (const path of [secret, join(secret, 'server.pem'), join(secret, 'server.key.pem')]) {
      chownSync(path, uid ?? 0, gid ?? 0);
    }
  }
  return [`ssl_cert_file=${join(secret, 'server.pem')}`, `ssl_key_file=${join(secret, 'server.key.pem')}`];
}

function withParameters(url: string, parameters: Readonly<Record<string, string>>): string {
  const address = new URL(url);
  for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
  return address.href;
}

const replacing = (from: string, to: string) => (piece: Buffer) =>
  Buffer.from(piece.toString('latin1').replaceAll(from, to), 'latin1');

const thrownBy = (url: string): Promise<unknown> =>
  openPostgresStore(url, { nowMs: 1 }).then(
    (store) => store.close(),
    (error: unknown) => error,
  );

test('a server that is too old is told at start, and nothing is made in it', async () => {
  const url = await server.createDatabase();
  const version = await asAdministrator(url, async (client) => {
    const { rows } = await client.query<{ number: string }>(
      `select current_setting('server_version_num') as number`,
    );
    return rows[0]?.number ?? '';
  });
  const proxy = await startCuttingProxy(url, { answers: replacing(version, '130022') });
  expect(await thrownBy(proxy.url)).toMatchObject({
    code: 'store-unavailable',
    message: 'PostgreSQL 13 is too old',
    mend: 'Use PostgreSQL 14 or newer.',
  });
  await proxy.close();
  await asAdministrator(url, async (client) => {
    expect((await client.query(`select 1 from pg_tables where schemaname = 'public'`)).rows).toEqual([]);
  });
});

test.for(['verify-full', 'require'])(
  'sslmode=%s reaches a server whose authority is named',
  async (sslmode, context) => {
    if (secure.kill === null) return context.skip(NOT_OURS);
    const url = withParameters(await secure.createDatabase(), { sslmode, sslrootcert: authority });
    const store = await openPostgresStore(url, { nowMs: 1 });
    await beginLog(partsOn(store));
    const log = await openTicketLog(store);
    await log.submit(writeTicket('one'));
    await asAdministrator(secure.url, async (client) => {
      const { rows } = await client.query<{ encrypted: boolean }>(
        `select bool_and(ssl) as encrypted from pg_stat_ssl join pg_stat_activity using (pid)
        where application_name = 'countersign'`,
      );
      expect(rows).toEqual([{ encrypted: true }]);
    });
    await log.stop();
    await store.close();
  },
);

test('a server whose authority nobody named is not believed, and that is told', async (context) => {
  if (secure.kill === null) return context.skip(NOT_OURS);
  const url = withParameters(secure.url, { sslmode: 'verify-full' });
  expect(await thrownBy(url)).toMatchObject({
    code: 'store-unavailable',
    mend: expect.stringContaining('sslrootcert=FILE'),
  });
});

test('a certificate of another name is not believed, and that is told', async (context) => {
  if (secure.kill === null) return context.skip(NOT_OURS);
  const address = new URL(withParameters(secure.url, { sslmode: 'verify-full', sslrootcert: authority }));
  address.hostname = 'localhost';
  expect(await thrownBy(address.href)).toMatchObject({
    code: 'store-unavailable',
    mend: expect.stringContaining('Its certificate is not believed'),
  });
});

test('a server without TLS is never reached where the address asks for it', async (context) => {
  if (server.kill === null) return context.skip('the database of the tests may have TLS');
  expect(await thrownBy(withParameters(server.url, { sslmode: 'require' }))).toMatchObject({
    code: 'store-unavailable',
    mend: expect.stringContaining('Switch `ssl` on'),
  });
});

test('what a pooler leaves of prepared statements is told as one', async () => {
  const database = openDatabase(server.url);
  const statement = prepared(sql`select 1 as one`);
  const error = await database
    .on(async (client) => {
      await run(client, statement);
      // As when the next transaction is on another connection of the server.
      await client.query('deallocate all');
      await run(client, statement);
    })
    .catch(asFailure);
  expect(error).toMatchObject({ code: 'store-unavailable', mend: expect.stringContaining('A pooler') });
  await database.close();
});

test('a way that drops the wish for durable commits is refused', async () => {
  const url = await server.createDatabase();
  const proxy = await startCuttingProxy(url, { questions: replacing('commit=on', 'commit=no') });
  expect(await thrownBy(proxy.url)).toMatchObject({
    code: 'store-unavailable',
    message: expect.stringContaining('synchronous_commit is off'),
    mend: expect.stringContaining('name the server itself'),
  });
  await proxy.close();
});

/** The program's migrations, and one that a later program would bring. */
function laterMigrations(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-migrations-'));
  cpSync(migrationsDirectory('postgres'), directory, { recursive: true });
  writeFileSync(join(directory, '9000-what-a-later-program-needs.sql'), text);
  return directory;
}

test('a broker that runs while the schema moves on writes and lists as before', async () => {
  const url = await server.createDatabase();
  const store = await openPostgresStore(url, { nowMs: 1 });
  await beginLog(partsOn(store));
  const log = await openTicketLog(store);
  const answered = new Map<string, number>();
  const list = () => store.rows({ table: 'tickets', where: { creator: 'p-creator' }, limit: 5 });
  const write = async (name: string) => {
    answered.set(name, (await log.submit(writeTicket(name))).seq);
    expect((await list()).length).toBeGreaterThan(0);
  };
  for (let at = 0; at < 10; at++) await write(`before-${at}`);
  const before = await list();
  const moving = migratePostgres(url, {
    nowMs: 2,
    migrationsDirectory: laterMigrations(
      'alter table tickets add column place text; alter table entries add column place text; create table places (name text)',
    ),
  });
  await Promise.all([moving, ...Array.from({ length: 40 }, (_, at) => write(`meanwhile-${at}`))]);
  expect(await moving).toEqual(['9000-what-a-later-program-needs.sql']);
  for (let at = 0; at < 10; at++) await write(`after-${at}`);
  expect(Object.keys((await list())[0] ?? {})).toEqual(Object.keys(before[0] ?? {}));
  await log.stop();
  expect(await expectWholeLog(store, answered)).toBe(60);
  await store.close();
  expect(await thrownBy(url)).toMatchObject({ code: 'read-only' });
});

test('a broker that can no longer write after the schema moved on says so, and nothing is half written', async () => {
  const url = await server.createDatabase();
  const store = await openPostgresStore(url, { nowMs: 1 });
  await beginLog(partsOn(store));
  const log = await openTicketLog(store);
  const { seq } = await log.submit(writeTicket('before'));
  await migratePostgres(url, {
    nowMs: 2,
    migrationsDirectory: laterMigrations('alter table tickets rename column project to place'),
  });
  await expect(log.submit(writeTicket('after'))).rejects.toMatchObject({ code: 'store-unavailable' });
  await log.stop();
  expect((await store.head())?.size).toBe(seq + 1);
  await store.close();
});
