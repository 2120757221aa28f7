import { expect, test } from 'vitest';
import type { Write } from '../../src/app/store.ts';
import { openClient } from '../../src/storage/sqlite/connection.ts';
import { fileEngine } from '../../src/storage/sqlite/file-engine.ts';
import { migrate } from '../../src/storage/sqlite/migrate.ts';
import { readStatements } from '../../src/storage/sqlite/read-statements.ts';
import { snapshotReader } from '../../src/storage/sqlite/snapshot-reader.ts';
import { openStore, temporaryDatabase } from '../app/temporary-database.ts';
import { openTicketLog, START_MS, ticketStream, writeTicket } from '../app/ticket-log.ts';

const stream = ticketStream('a');

/** A log with one ticket of two entries, open twice: through a reader of our own, and through somebody else's store. */
async function openedTwice() {
  const path = temporaryDatabase();
  const store = openStore(path);
  const log = await openTicketLog(store);
  await log.submit(writeTicket('a'));
  await log.submit(writeTicket('a'));
  const client = openClient(path);
  migrate(client, START_MS);
  return { store, log, client, reader: snapshotReader(fileEngine(client), readStatements(client).head) };
}

test('what another connection wrote is read, though the stream was remembered as ending before it', async () => {
  const { reader, log } = await openedTwice();
  expect(reader.read(new Map([[stream, 2]]), []).streams.get(stream)).toEqual([]);
  await log.submit(writeTicket('a'));
  const snapshot = reader.read(new Map([[stream, 2]]), []);
  expect(snapshot.head.size).toBe(3);
  expect(snapshot.streams.get(stream)?.map(({ version }) => version)).toEqual([3]);
  expect(snapshot.last?.seq).toBe(2);
});

test('a count that another connection changed in the table of streams is seen at once', async () => {
  const { reader, store, client } = await openedTwice();
  reader.read(new Map([[stream, 2]]), []);
  const tamperer = openClient(client.name);
  tamperer.prepare('update streams set version = 1 where stream = ?').run(stream);
  expect(reader.read(new Map([[stream, 2]]), []).versions.get(stream)).toBe(1);
  tamperer.close();
  await store.close();
});

test('while nobody else has written, what was remembered is not read again', async () => {
  const { reader, client } = await openedTwice();
  reader.read(new Map([[stream, 2]]), []);
  // By the same connection, and untold: only a read of the table could notice.
  client.prepare('update streams set version = 1 where stream = ?').run(stream);
  expect(reader.read(new Map([[stream, 2]]), []).versions.get(stream)).toBe(2);
  reader.forget();
  expect(reader.read(new Map([[stream, 2]]), []).versions.get(stream)).toBe(1);
});

test('a caller that holds less than is remembered gets what it lacks', async () => {
  const { reader } = await openedTwice();
  reader.read(new Map([[stream, 2]]), []);
  const snapshot = reader.read(new Map([[stream, 0]]), []);
  expect(snapshot.streams.get(stream)?.map(({ version }) => version)).toEqual([1, 2]);
});

test('a commit whose states and entries do not end alike is not remembered', async () => {
  const { reader } = await openedTwice();
  const { head } = reader.read(new Map([[stream, 2]]), []);
  const entry = { seq: 2, stream, version: 3, bytes: new Uint8Array(1) };
  const state = { stream, version: 4, state: '{}', dueAtMs: null };
  const beside = {
    tiles: [],
    rows: [],
    disclosures: [],
    erase: [],
    attachments: [],
    secrets: [],
    idempotency: [],
  };
  const write: Write = { head: { ...head, size: 3 }, entries: [entry], states: [state], ...beside };
  reader.wrote(write);
  const snapshot = reader.read(new Map([[stream, 2]]), []);
  expect([snapshot.head.size, snapshot.versions.get(stream)]).toEqual([2, 2]);
});

test('a remembered key of a repeated call is always looked up', async () => {
  const { reader, log } = await openedTwice();
  await log.submit(writeTicket('b', { key: 'k1' }));
  reader.read(new Map([[stream, 2]]), []);
  expect([...reader.read(new Map([[stream, 2]]), ['k1']).idempotency.keys()]).toEqual(['k1']);
});
