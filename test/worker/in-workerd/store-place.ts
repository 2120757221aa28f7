import { env, runInDurableObject } from 'cloudflare:test';
import type { DurableObjectState } from '@cloudflare/workers-types';
import type { Store } from '../../../src/app/store.ts';
import { bundledMigrations } from '../../../src/storage/durable-object/bundled-migrations.ts';
import { openDurableStore } from '../../../src/storage/durable-object/durable-store.ts';
import { START_MS } from '../../app/ticket-log.ts';
import type { StorePlace } from '../../contract/store-contract.ts';

/** A Durable Object of its own. Its storage answers only inside it, so each call of the store is made there. */
export function newPlace(): StorePlace & {
  inside<R>(work: (state: DurableObjectState) => R | Promise<R>): Promise<R>;
} {
  const stub = env.STORE.get(env.STORE.newUniqueId());
  const inside = <R>(work: (state: DurableObjectState) => R | Promise<R>): Promise<R> =>
    runInDurableObject(stub, (_, state) => work(state));
  const withStore = <R>(work: (store: Store) => R | Promise<R>): Promise<R> =>
    inside(({ storage }) =>
      work(openDurableStore(storage, { migrations: bundledMigrations, nowMs: START_MS })),
    );
  return { inside, open: async () => atDistance(withStore) };
}

type WithStore = <R>(work: (store: Store) => R | Promise<R>) => Promise<R>;

function atDistance(inside: WithStore): Store {
  return {
    load: (...given) => inside((store) => store.load(...given)),
    advance: (...given) => inside((store) => store.advance(...given)),
    // Its work calls the store again, from outside.
    turn: (work) => work(),
    entries: (...given) => all(inside, (store) => store.entries(...given)),
    head: () => inside((store) => store.head()),
    begin: (...given) => inside((store) => store.begin(...given)),
    tile: (...given) => inside((store) => store.tile(...given)),
    attachment: (...given) => inside((store) => store.attachment(...given)),
    attachments: () => all(inside, (store) => store.attachments()),
    disclosures: (...given) => inside((store) => store.disclosures(...given)),
    rows: (...given) => inside((store) => store.rows(...given)),
    state: (...given) => inside((store) => store.state(...given)),
    due: (...given) => inside((store) => store.due(...given)),
    replaceDerived: (...given) => inside((store) => store.replaceDerived(...given)),
    derived: () => all(inside, (store) => store.derived()),
    secrets: {
      get: (...given) => inside(({ secrets }) => secrets.get(...given)),
      ofPerson: (...given) => inside(({ secrets }) => secrets.ofPerson(...given)),
      put: (...given) => inside(({ secrets }) => secrets.put(...given)),
      take: (...given) => inside(({ secrets }) => secrets.take(...given)),
      deleteExpired: (...given) => inside(({ secrets }) => secrets.deleteExpired(...given)),
    },
    leases: {
      take: (...given) => inside(({ leases }) => leases.take(...given)),
      release: (...given) => inside(({ leases }) => leases.release(...given)),
    },
    close: () => inside((store) => store.close()),
  };
}

async function* all<T>(inside: WithStore, from: (store: Store) => AsyncIterable<T>): AsyncIterable<T> {
  yield* await inside(async (store) => {
    const found: T[] = [];
    for await (const one of from(store)) found.push(one);
    return found;
  });
}
