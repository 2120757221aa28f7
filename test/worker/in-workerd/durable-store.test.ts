import type { DurableObjectStorage } from '@cloudflare/workers-types';
import { expect, test } from 'vitest';
import { OutcomeUnknown } from '../../../src/app/store.ts';
import { bundledMigrations } from '../../../src/storage/durable-object/bundled-migrations.ts';
import { openDurableStore } from '../../../src/storage/durable-object/durable-store.ts';
import { START_MS } from '../../app/ticket-log.ts';
import { entry, head, write } from '../../contract/store-contract.ts';
import { newPlace } from './store-place.ts';

const options = { migrations: bundledMigrations, nowMs: START_MS };

/** The same storage, whose word that all is durable is another one. */
const saying = (storage: DurableObjectStorage, sync: () => Promise<void>) =>
  // Only what the store asks for; the platform's own object cannot be spread.
  ({
    sql: storage.sql,
    transactionSync: storage.transactionSync.bind(storage),
    sync,
  }) as DurableObjectStorage;

test('nothing is acknowledged before the platform says that it is durable', async () => {
  await newPlace().inside(async ({ storage }) => {
    const happened: string[] = [];
    const slow = saying(storage, async () => {
      happened.push('asked');
      await new Promise((resolve) => setTimeout(resolve, 20));
      happened.push('durable');
    });
    const store = openDurableStore(slow, options);
    await store.begin(write({ head: head(0, 0) }));
    await store.advance(head(0, 0), write({ head: head(1, 1), entries: [entry(0, 'ticket/a', 1)] }));
    happened.push('acknowledged');
    expect(happened).toEqual(['asked', 'durable', 'asked', 'durable', 'acknowledged']);
  });
});

test('a commit of which the platform does not say whether it is durable is told as such', async () => {
  await newPlace().inside(async ({ storage }) => {
    await openDurableStore(storage, options).begin(write({ head: head(0, 0) }));
    const lost = openDurableStore(
      saying(storage, () => Promise.reject(new Error('Network connection lost.'))),
      options,
    );
    const advancing = lost.advance(head(0, 0), write({ head: head(1, 1) }));
    await expect(advancing).rejects.toBeInstanceOf(OutcomeUnknown);
  });
});

test('what the database refuses is told with what to do, and nothing of the commit stays', async () => {
  await newPlace().inside(async ({ storage }) => {
    const store = openDurableStore(storage, options);
    await store.begin(write({ head: head(0, 0) }));
    const doubled = write({
      head: head(2, 1),
      entries: [entry(0, 'ticket/a', 1), entry(1, 'ticket/a', 1)],
    });
    await expect(store.advance(head(0, 0), doubled)).rejects.toMatchObject({
      code: 'store-unavailable',
      mend: expect.stringContaining('wrangler tail'),
    });
    expect((await store.head())?.size).toBe(0);
  });
});

test('entries can neither be changed nor deleted, not even by a statement of our own', async () => {
  await newPlace().inside(async ({ storage }) => {
    const store = openDurableStore(storage, options);
    await store.begin(write({ head: head(1, 1), entries: [entry(0, 'ticket/a', 1)] }));
    expect(() => storage.sql.exec('delete from entries')).toThrow('entries are never deleted');
    expect(() => storage.sql.exec('update entries set version = 2')).toThrow('entries are never changed');
  });
});

test('a schema that a newer program made is left alone', async () => {
  await newPlace().inside(({ storage }) => {
    openDurableStore(storage, options);
    storage.sql.exec("insert into migrations values ('9999-what-comes-later.sql', 'sha256:00', 0)");
    expect(() => openDurableStore(storage, options)).toThrow('a migration this program does not know');
  });
});
