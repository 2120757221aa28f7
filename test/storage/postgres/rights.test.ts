import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { rebuildDerived } from '../../../src/app/sequencer/rebuild.ts';
import { openLog, trustOf } from '../../../src/app/sequencer/sequencer.ts';
import type { Store } from '../../../src/app/store.ts';
import { verifierKeyOf } from '../../../src/log/note.ts';
import { verifyLog } from '../../../src/log/verify.ts';
import { verifyEd25519 } from '../../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../../src/platform/node-hasher.ts';
import { type ReadModelTable, readModelTables } from '../../../src/projections/tables.ts';
import { migrationsDirectory, readMigrations } from '../../../src/storage/migration-files.ts';
import { openDatabase, prepared } from '../../../src/storage/postgres/connection.ts';
import {
  migratePostgres,
  openPostgresStore,
  type PostgresStoreOptions,
} from '../../../src/storage/postgres/postgres-store.ts';
import { asAdministrator, startTestPostgres, type TestPostgres } from '../../../tools/test-postgres.ts';
import { openTicketLog, origin, partsOn, registry, signer, writeTicket } from '../../app/ticket-log.ts';
import { discloseText, eraseText } from '../erasing.ts';

let server: TestPostgres;
const opened: Store[] = [];
beforeAll(async () => {
  server = await startTestPostgres();
});
afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((store) => store.close()));
});
afterAll(() => server?.stop());

async function open(url: string, more: Partial<PostgresStoreOptions> = {}): Promise<Store> {
  const store = await openPostgresStore(url, { nowMs: 1, ...more });
  opened.push(store);
  return store;
}

const query = (url: string, text: string): Promise<readonly Record<string, unknown>[]> =>
  asAdministrator(url, async (client) => (await client.query<Record<string, unknown>>(text)).rows);

/** A database that its owner brought up, and the address of a role that was given what a broker needs. */
async function separated(): Promise<{
  readonly owner: string;
  readonly broker: string;
  readonly role: string;
}> {
  const owner = await server.createDatabase();
  const role = `broker_${Math.random().toString(36).slice(2, 12)}`;
  await query(owner, `create role ${role} login password 'for-the-test'`);
  await migratePostgres(owner, { nowMs: 1, role });
  const address = new URL(owner);
  address.username = role;
  address.password = 'for-the-test';
  return { owner, broker: address.href, role };
}

test('a role that was given what a broker needs carries a log, rebuilds it, and nothing is left to complain of', async () => {
  const { broker } = await separated();
  const notices: string[] = [];
  const store = await open(broker, { notice: (what) => notices.push(what) });
  const log = await openTicketLog(store);
  await Promise.all([1, 2, 3].map((at) => log.submit(writeTicket(`t${at}`, { key: `k${at}` }))));
  await log.stop();
  expect(await rebuildDerived(trustOf(partsOn(store)), registry)).toMatchObject({
    differences: [],
    replaced: true,
  });
  expect(notices).toEqual([]);
});

test('an erased text is gone under the role of a broker', async () => {
  const { broker, owner } = await separated();
  const store = await open(broker);
  await discloseText(store, 'a text that must be forgotten');
  await eraseText(store);
  expect(await query(owner, 'select * from disclosures')).toEqual([]);
});

const TAMPERINGS = [
  `update entries set bytes = '\\x00'`,
  'delete from entries',
  'truncate entries',
  `update attachments set bytes = '\\x00'`,
  'delete from attachments',
  'truncate attachments',
  'delete from head',
  'truncate head',
];

test('the role of a broker may neither change nor delete what was signed', async () => {
  const { broker } = await separated();
  const log = await openTicketLog(await open(broker));
  await log.submit(writeTicket('t'));
  for (const statement of TAMPERINGS) {
    await expect(query(broker, statement), statement).rejects.toMatchObject({ code: '42501' });
  }
  await log.stop();
});

test('even the owner is refused at first', async () => {
  const url = await server.createDatabase();
  const log = await openTicketLog(await open(url));
  await log.submit(writeTicket('t'));
  await query(url, `insert into attachments values ('sha256:a', '\\x01')`);
  for (const statement of TAMPERINGS) {
    await expect(query(url, statement), statement).rejects.toThrow(/are never changed, deleted or emptied/);
  }
  await log.stop();
});

test('a tile never loses a hash, whoever writes it', async () => {
  const url = await server.createDatabase();
  const log = await openTicketLog(await open(url));
  await log.submit(writeTicket('t'));
  await expect(query(url, `update tiles set hashes = '\\x00'`)).rejects.toThrow(/would lose hashes/);
  await log.stop();
});

/** What an owner can do who takes the triggers away first. */
async function tamper(url: string, statement: string): Promise<void> {
  await query(
    url,
    `alter table entries disable trigger user; ${statement}; alter table entries enable trigger user`,
  );
}

const OWNERS_DEEDS = [
  [
    'changed',
    `update entries set bytes = overlay(bytes placing 'closed'::bytea from position('"open'::bytea in bytes) + 1) where seq = 1`,
  ],
  ['deleted', 'delete from entries where seq = 1'],
  ['the last deleted', 'delete from entries where seq = 2'],
  [
    'two swapped',
    'update entries set seq = 9 where seq = 0; update entries set seq = 0 where seq = 1; update entries set seq = 1 where seq = 9',
  ],
] as const;

test.each(OWNERS_DEEDS)(
  'an entry that its owner had %s is found at start and by verification',
  async (_, statement) => {
    const url = await server.createDatabase();
    const store = await open(url);
    const log = await openTicketLog(store);
    for (const name of ['a', 'b', 'c']) await log.submit(writeTicket(name));
    await log.stop();
    await tamper(url, statement);
    const again = await openLog(partsOn(await open(url)));
    expect(again.status()).toMatchObject({ writable: false, reason: expect.stringMatching(/entr|#/) });
    await expect(again.submit(writeTicket('d'))).rejects.toMatchObject({ code: 'read-only' });
    const verdicts = await verifyLog({
      hasher: nodeHasher,
      verify: verifyEd25519,
      origin,
      logKeys: [verifierKeyOf(nodeHasher, signer)],
      checkpointNote: (await store.head())?.checkpoint ?? new Uint8Array(0),
      heldCheckpoints: [],
      entries: (from, to) => store.entries(from, to),
    });
    expect(verdicts.intact).toMatchObject({ passed: false });
  },
);

test('an entry that its owner changed under a running broker ends its writing when the entry is needed', async () => {
  const url = await server.createDatabase();
  const log = await openTicketLog(await open(url));
  for (const name of ['a', 'b', 'c']) await log.submit(writeTicket(name));
  await log.stop();
  const running = await openLog(partsOn(await open(url)));
  await tamper(url, OWNERS_DEEDS[0][1]);
  await running.submit(writeTicket('a'));
  await expect(running.submit(writeTicket('b'))).rejects.toMatchObject({ code: 'read-only' });
  expect(running.status()).toEqual({ writable: false, reason: expect.stringContaining('#1') });
  await running.stop();
});

test('wide rights and missing guards are told, each with what to do', async () => {
  const url = await server.createDatabase();
  const notices: string[] = [];
  const notice = (what: string) => void notices.push(what);
  await open(url, { notice });
  expect(notices).toEqual([expect.stringMatching(/may change and delete entries: .*server migrate --role/)]);
  notices.length = 0;
  await query(
    url,
    'alter table entries disable trigger entries_are_never_changed; drop trigger tiles_only_grow on tiles',
  );
  await open(url, { notice });
  expect(notices[0]).toMatch(/switched off entries_are_never_changed, tiles_only_grow .*log verify/);
});

test('what a role was given beyond that is taken away again', async () => {
  const { owner, broker, role } = await separated();
  await query(owner, `grant all on entries to ${role}`);
  const notices: string[] = [];
  await open(broker, { notice: (what) => notices.push(what) });
  expect(notices).toHaveLength(1);
  await migratePostgres(owner, { nowMs: 2, role });
  await open(broker, { notice: (what) => notices.push(what) });
  expect(notices).toHaveLength(1);
});

test('a right that is missing is named, with the command that gives it', async () => {
  const { owner, broker, role } = await separated();
  await query(owner, `revoke insert on entries from ${role}`);
  await expect(open(broker)).rejects.toMatchObject({
    code: 'store-unavailable',
    message: `the database role ${role} may not insert on entries`,
    mend: expect.stringContaining(`server migrate --role ${role}`),
  });
});

test('a role that may not make the schema is told who can, and nothing is made', async () => {
  const { broker } = await separated();
  const owner = await server.createDatabase();
  const address = new URL(owner);
  const role = new URL(broker);
  address.username = role.username;
  address.password = role.password;
  await expect(open(address.href)).rejects.toMatchObject({
    code: 'read-only',
    mend: expect.stringContaining('As the owner'),
  });
  expect(await query(owner, `select 1 from pg_tables where schemaname = 'public'`)).toEqual([]);
});

const BAD_ADDRESSES = [
  ['another engine', () => 'mysql://localhost/x', 'malformed-input', /postgres:\/\/ROLE/],
  ['no address', () => 'postgres', 'malformed-input', /postgres:\/\/ROLE/],
  [
    'nobody listens',
    () => 'postgres://a:b@127.0.0.1:1/x',
    'store-unavailable',
    /Is PostgreSQL running there/,
  ],
  [
    'a wrong password',
    () => server.url.replace(/:[^:@]+@/, ':wrong@'),
    'store-unavailable',
    /Name and password/,
  ],
  ['a missing database', () => `${server.url}_missing`, 'store-unavailable', /no such database/],
  [
    'a missing schema',
    () => `${server.url}?options=-c%20search_path%3Dmissing`,
    'store-unavailable',
    /search_path/,
  ],
] as const;

test.each(BAD_ADDRESSES)('%s is told at start, without the password', async (_, address, code, mend) => {
  const error = await openPostgresStore(address(), { nowMs: 1 }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, mend: expect.stringMatching(mend) });
  expect(String(error)).not.toContain(new URL(server.url).password);
});

test('a database in another encoding than UTF-8 is refused', async () => {
  const url = await server.createDatabase();
  const name = `${new URL(url).pathname.slice(1)}_ascii`;
  await query(url, `create database ${name} encoding 'SQL_ASCII' locale 'C' template template0`);
  await expect(open(`${url}_ascii`)).rejects.toMatchObject({ message: expect.stringContaining('SQL_ASCII') });
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-migrations-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('a schema newer than the program is refused', async () => {
  const url = await server.createDatabase();
  await open(url);
  await query(url, `insert into migrations values ('0002-of-tomorrow.sql', 'sha256:x', 1)`);
  await expect(open(url)).rejects.toMatchObject({
    code: 'read-only',
    message: expect.stringContaining('does not know: 0002-of-tomorrow.sql'),
  });
});

test('a migration that was changed after it had been applied is refused', async () => {
  const url = await server.createDatabase();
  await open(url);
  await query(url, `update migrations set digest = 'sha256:x'`);
  await expect(open(url)).rejects.toMatchObject({ message: expect.stringContaining('was changed after') });
});

test('of several migrations all are applied or none', async () => {
  const url = await server.createDatabase();
  const first = { '0001-a.sql': 'create table a (x int);' };
  const broken = folderWith({ ...first, '0002-b.sql': 'create table b (x int); create nonsense;' });
  await expect(open(url, { migrationsDirectory: broken })).rejects.toMatchObject({
    code: 'store-unavailable',
  });
  expect(await query(url, `select tablename from pg_tables where schemaname = 'public'`)).toEqual([]);
});

test('of programs that start at once on a new database one makes the schema, and all come up', async () => {
  const url = await server.createDatabase();
  await Promise.all(Array.from({ length: 5 }, () => open(url)));
  const files = readMigrations(migrationsDirectory('postgres'));
  expect(await query(url, 'select name, applied_at_ms::int as at from migrations order by name')).toEqual(
    files.map(({ name }) => ({ name, at: 1 })),
  );
});

test('a commit is durable before it is answered, whatever the database sets', async () => {
  const url = await server.createDatabase();
  await query(url, `alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`);
  expect(await query(url, 'show synchronous_commit')).toEqual([{ synchronous_commit: 'off' }]);
  const database = openDatabase(`${url}?options=-c%20work_mem%3D8MB`);
  const settings = sql`select current_setting('synchronous_commit') as commit, current_setting('work_mem') as memory`;
  expect(await database.read(prepared(settings))).toEqual([{ commit: 'on', memory: '8MB' }]);
  await database.close();
});

const tables: Readonly<Record<string, ReadModelTable>> = readModelTables;

test.each(Object.keys(tables))(
  'the table %s has the columns of its read model, in its order, each filter an index',
  async (name) => {
    const url = await server.createDatabase();
    await open(url);
    const columns = await query(
      url,
      `select column_name as name, replace(data_type, 'bigint', 'integer')
        || case when is_nullable = 'YES' then ' or null' else '' end as kind
      from information_schema.columns where table_name = '${name}' order by ordinal_position`,
    );
    expect(columns.map((column) => [column['name'], column['kind']])).toEqual([
      ['key', 'text'],
      ...Object.entries(tables[name]?.columns ?? {}),
    ]);
    const indexes = await query(url, `select indexdef from pg_indexes where tablename = '${name}'`);
    const { filters, order } = tables[name] ?? { filters: [], order: '' };
    for (const filter of filters) {
      expect(indexes.map(({ indexdef }) => indexdef)).toContainEqual(
        expect.stringMatching(new RegExp(`\\((\\w+, )*${filter}(, \\w+)*, ${order}\\)`)),
      );
    }
  },
);
