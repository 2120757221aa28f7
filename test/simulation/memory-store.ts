import type { Store } from '../../src/app/store.ts';
import {
  advanceLog,
  beginLog,
  changeSecret,
  type Database,
  releaseLease,
  secretKey,
  takeLease,
} from './memory-database.ts';
import {
  derivedValues,
  disclosuresOf,
  dueStreams,
  entryBytes,
  forgetExpired,
  replaceDerivedRows,
  rowsOf,
  secretsOf,
  snapshotOf,
  takeSecret,
} from './memory-reads.ts';

/**
 * One call over the wire: what it does at the other end, at once and whole, and what is done with the answer. A
 * simulator puts time, loss and death between; a test has none of them.
 */
export type Carry = <Answer>(what: string, effect: () => Answer) => Promise<Answer>;

const atOnce: Carry = async (_what, effect) => effect();

/** The `Store` port over a database in memory, which any number of brokers may share. */
export function memoryStore(
  database: Database,
  carry: Carry = atOnce,
  nowMs: () => number = Date.now,
): Store {
  return {
    load: (streams, keys) => carry('store.load', () => snapshotOf(database, streams, keys)),
    advance: (from, write) => carry('store.advance', () => advanceLog(database, from, write)),
    // What is decided while a commit is on the wire is what dice should shake most.
    commitsElsewhere: true,
    turn: (work) => work(),
    entries: (from, to) => many(carry('store.entries', () => entryBytes(database, from, to))),
    head: () => carry('store.head', () => database.head),
    begin: (write) => carry('store.begin', () => beginLog(database, write)),
    tile: (level, n) => carry('store.tile', () => database.tiles.get(`${level}/${n}`)?.hashes),
    attachment: (digest) => carry('store.attachment', () => database.attachments.get(digest)?.bytes),
    attachments: () => many(carry('store.attachments', () => [...database.attachments.values()])),
    disclosures: (seqs) => carry('store.disclosures', () => disclosuresOf(database, seqs)),
    rows: (query) => carry('store.rows', () => rowsOf(database, query)),
    state: (stream) => carry('store.state', () => database.states.get(stream)),
    due: (nowMs, limit) => carry('store.due', () => dueStreams(database, nowMs, limit)),
    replaceDerived: (from, derived) =>
      carry('store.replace', () => replaceDerivedRows(database, from, derived)),
    derived: () => many(carry('store.derived', () => derivedValues(database))),
    secrets: {
      get: (kind, id) => carry('secrets.get', () => database.secrets.get(secretKey(kind, id))),
      ofPerson: (kind, person) => carry('secrets.of-person', () => secretsOf(database, kind, person)),
      put: (changes) =>
        carry('secrets.put', () => {
          for (const change of changes) changeSecret(database, change);
        }),
      take: (kind, id, changes = []) =>
        carry('secrets.take', () => {
          const taken = takeSecret(database, kind, id);
          if (taken !== undefined) for (const change of changes) changeSecret(database, change);
          return taken;
        }),
      deleteExpired: (nowMs) => carry('secrets.expire', () => forgetExpired(database, nowMs)),
    },
    leases: {
      take: (job, holder, forMs) =>
        carry('store.take-lease', () =>
          takeLease(database, job, { holder, untilMs: nowMs() + forMs }, nowMs()),
        ),
      release: (job, holder) => carry('store.release-lease', () => releaseLease(database, job, holder)),
    },
    close: async () => undefined,
  };
}

async function* many<T>(found: Promise<readonly T[]>): AsyncIterable<T> {
  yield* await found;
}
