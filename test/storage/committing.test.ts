import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../src/app/store.ts';
import { Failure } from '../../src/domain/errors.ts';
import { type Client, openClient } from '../../src/storage/sqlite/connection.ts';
import { committing } from '../../src/storage/sqlite/file-engine.ts';
import { temporaryDatabase } from '../app/temporary-database.ts';

function withTable(path = temporaryDatabase()): Client {
  const client = openClient(path);
  client.exec('create table if not exists a (x unique)');
  return client;
}

const rowsOf = (client: Client): unknown[] => client.prepare('select x from a').pluck().all();

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not throw');
}

test('work that answers true is committed, work that answers false is taken back', () => {
  const client = withTable();
  const commitIf = committing(client);
  expect(commitIf(() => client.prepare('insert into a values (1)').run().changes === 1)).toBe(true);
  expect(commitIf(() => client.prepare('insert into a values (2)').run().changes === 0)).toBe(false);
  expect(rowsOf(client)).toEqual([1]);
});

test('a disk without room is told as such, nothing is written, and writing works once there is room', () => {
  const client = withTable();
  const commitIf = committing(client);
  client.pragma('max_page_count = 4');
  const large = () => client.prepare('insert into a values (randomblob(100000))').run().changes === 1;
  expect(thrownBy(() => commitIf(large))).toMatchObject({
    code: 'store-unavailable',
    mend: expect.stringContaining('disk is full'),
  });
  expect(rowsOf(client)).toEqual([]);
  client.pragma('max_page_count = 4000');
  expect(commitIf(large)).toBe(true);
});

test('a lock that another process keeps is told as such', () => {
  const path = temporaryDatabase();
  const [client, other] = [withTable(path), withTable(path)];
  client.pragma('busy_timeout = 1');
  other.exec('begin immediate');
  const thrown = thrownBy(() => committing(client)(() => true));
  expect(thrown).toBeInstanceOf(Failure);
  expect(thrown).toMatchObject({
    code: 'store-unavailable',
    mend: expect.stringContaining('Another process'),
  });
  other.exec('rollback');
  expect(committing(client)(() => true)).toBe(true);
});

test('an error of COMMIT itself leaves the outcome unknown, an error before it does not', () => {
  const client = withTable();
  const commitIf = committing(client);
  client.exec('create table b (x references a (x) deferrable initially deferred)');
  expect(
    thrownBy(() => commitIf(() => client.prepare('insert into b values (7)').run().changes === 1)),
  ).toBeInstanceOf(OutcomeUnknown);
  expect(client.inTransaction).toBe(false);
  client.exec('insert into a values (1)');
  expect(
    thrownBy(() => commitIf(() => client.prepare('insert into a values (1)').run().changes === 1)),
  ).toBeInstanceOf(Failure);
  expect(client.inTransaction).toBe(false);
});
