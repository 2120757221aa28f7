import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type ReadModelTable, readModelTables } from '../../src/projections/tables.ts';
import { type Client, openClient } from '../../src/storage/sqlite/connection.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { temporaryDatabase } from '../app/temporary-database.ts';
import { discloseText, eraseText } from './erasing.ts';

const tables: Readonly<Record<string, ReadModelTable>> = readModelTables;

function migrated(): Client {
  const client = openClient(temporaryDatabase());
  migrate(client, 1);
  return client;
}

test.each(Object.keys(tables))(
  'the migrated table %s has the columns of its read model, in its order',
  (name) => {
    const info = migrated()
      .prepare<[string], { name: string; type: string; notnull: number; pk: number }>(
        'select name, type, "notnull", pk from pragma_table_info(?)',
      )
      .all(name);
    const found = info.map((column) => [
      column.name,
      column.type.toLowerCase() + (column.notnull === 1 || column.pk === 1 ? '' : ' or null'),
    ]);
    expect(found).toEqual([['key', 'text'], ...Object.entries(tables[name]?.columns ?? {})]);
  },
);

test.each(Object.keys(tables))('each filter of the read model %s is served by an index', (name) => {
  const client = migrated();
  const { filters, order } = tables[name] ?? { filters: [], order: '' };
  for (const filter of filters) {
    const plan = client
      .prepare<[], { detail: string }>(
        `explain query plan select * from "${name}" where "${filter}" is 1 order by ${order} desc`,
      )
      .all();
    expect(plan[0]?.detail).toMatch(/USING INDEX/);
  }
});

test('migrations are applied once, and remembered with digest and time', () => {
  const client = migrated();
  migrate(client, 2);
  const rows = client.prepare<[], { name: string; applied_at_ms: number }>('select * from migrations').all();
  expect(rows[0]).toMatchObject({ name: '0001-the-log-and-its-read-models.sql', applied_at_ms: 1 });
  expect(rows.every((row) => row.applied_at_ms === 1)).toBe(true);
});

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-migrations-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('a migration that was changed after it had been applied is refused', () => {
  const client = openClient(temporaryDatabase());
  migrate(client, 1, folderWith({ '0001-a.sql': 'create table a (x);' }));
  const changed = folderWith({ '0001-a.sql': 'create table a (x, y);' });
  expect(() => migrate(client, 2, changed)).toThrow(/0001-a\.sql was changed/);
});

test('a database that is newer than the program is refused', () => {
  const client = openClient(temporaryDatabase());
  const first = { '0001-a.sql': 'create table a (x);' };
  migrate(client, 1, folderWith({ ...first, '0002-b.sql': 'create table b (x);' }));
  expect(() => migrate(client, 2, folderWith(first))).toThrow(/does not know: 0002-b\.sql/);
});

test('a migration that turns up before one that was applied is refused', () => {
  const client = openClient(temporaryDatabase());
  migrate(client, 1, folderWith({ '0002-b.sql': 'create table b (x);' }));
  const between = folderWith({ '0001-a.sql': 'create table a (x);', '0002-b.sql': 'create table b (x);' });
  expect(() => migrate(client, 2, between)).toThrow(/does not know: 0002-b\.sql/);
});

test('a migration that fails half way is not applied at all', () => {
  const client = openClient(temporaryDatabase());
  expect(() =>
    migrate(client, 1, folderWith({ '0001-a.sql': 'create table a (x); create nonsense;' })),
  ).toThrow();
  migrate(client, 1, folderWith({ '0001-a.sql': 'create table a (x);' }));
  expect(client.prepare('select name from migrations').all()).toHaveLength(1);
});

test('entries can be neither changed nor deleted, nor the head deleted, by any statement', () => {
  const client = migrated();
  client.exec(`insert into entries values (0, 'ticket/a', 1, x'00')`);
  client.exec(`insert into head values (1, 1, zeroblob(32), zeroblob(32), 0, x'00')`);
  expect(() => client.exec(`update entries set bytes = x'01'`)).toThrow(/never changed/);
  expect(() => client.exec('delete from entries')).toThrow(/never deleted/);
  expect(() => client.exec('delete from head')).toThrow(/never deleted/);
});

test('the database and the files beside it are for their owner only', async () => {
  const path = join(dirname(temporaryDatabase()), 'made', 'log.sqlite');
  const store = openSqliteStore(path, { nowMs: 1 });
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  const files = readdirSync(dirname(path)).sort();
  expect(files).toEqual(['log.sqlite', 'log.sqlite-shm', 'log.sqlite-wal']);
  for (const name of files) expect(statSync(join(dirname(path), name)).mode & 0o777).toBe(0o600);
  await store.close();
});

test('durability is what a power failure asks for: write-ahead log and full flushes', () => {
  const client = openClient(temporaryDatabase());
  expect(client.pragma('journal_mode', { simple: true })).toBe('wal');
  expect(client.pragma('synchronous', { simple: true })).toBe(2);
});

test('an erased text is in none of the files any more', async () => {
  const path = temporaryDatabase();
  const store = openSqliteStore(path, { nowMs: 1 });
  await discloseText(store, 'a text that must be forgotten');
  const holds = () =>
    readdirSync(dirname(path)).some((name) =>
      readFileSync(join(dirname(path), name)).includes('must be forgotten'),
    );
  expect(holds()).toBe(true);
  await eraseText(store);
  expect(holds()).toBe(false);
});
