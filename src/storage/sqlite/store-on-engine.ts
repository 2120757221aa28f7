import type { Attachment, Disclosure, Store, Write } from '../../app/store.ts';
import { derivedRows, replaceDerivedRows } from './derived.ts';
import { leaseStore } from './lease-store.ts';
import { readModelStatements } from './read-model-statements.ts';
import { type ReadStatements, readStatements } from './read-statements.ts';
import { secretStore } from './secret-store.ts';
import { snapshotReader } from './snapshot-reader.ts';
import { answered, type Engine, prepareText, type SqlClient, type Wipes } from './sql-client.ts';
import { writeStatements } from './write-statements.ts';

const PAGE_ENTRIES = 1_000;

/** The log in SQLite, whichever way that is run; the schema is there. */
export function storeOnEngine(engine: Engine): Store {
  const { client } = engine;
  const readModels = readModelStatements(client);
  const reads = readStatements(client);
  const entries = engine.prepareEntries?.() ?? reads.entries;
  const snapshots = snapshotReader(engine, reads.head);
  const writes = writeStatements(client, readModels);
  const read = <T>(work: () => T): Promise<T> => answered(engine, work);
  /** `remember` runs before anybody else reads: a snapshot of before the commit is no longer what is there. */
  const change = async (work: () => boolean, remember: () => void, wipes?: Wipes): Promise<boolean> => {
    try {
      const moved = engine.transaction(work, wipes);
      if (moved) remember();
      await engine.settled();
      return moved;
    } catch (error) {
      snapshots.forget();
      throw error;
    }
  };
  const writeIf = (isHead: () => boolean, write: Write) => () => {
    if (!isHead()) return false;
    writes.putAll(write);
    return true;
  };
  return {
    load: (streams, idempotency) => read(() => snapshots.read(streams, idempotency)),
    advance: (from, write) =>
      change(
        writeIf(() => writes.moveHead(from, write.head), write),
        () => snapshots.wrote(write),
        wipesOf(write),
      ),
    // One file, one machine: waiting for a turn would only cost. The head's condition fences.
    turn: (work) => work(),
    entries: (from, to) => entryPages(entries, from, to),
    head: () => read(reads.head),
    begin: (write) =>
      change(
        writeIf(() => writes.insertHead(write.head), write),
        snapshots.forget,
      ),
    tile: (level, n) => read(() => reads.tile(level, n)),
    attachment: (digest) => read(() => reads.attachment(digest)),
    attachments: () => attachmentPages(client),
    disclosures: (seqs) => read((): readonly Disclosure[] => seqs.flatMap((seq) => reads.disclosuresOf(seq))),
    rows: (query) => read(() => readModels.query(query)),
    state: (stream) => read(() => reads.state(stream)),
    due: (nowMs, limit) => read(() => reads.due(nowMs, limit)),
    replaceDerived: (from, derived) =>
      change(() => replaceDerivedRows(client, writes, readModels, from, derived), snapshots.forget),
    derived: () => derivedRows(client, readModels),
    secrets: secretStore(engine, writes.changeSecret),
    leases: leaseStore(engine),
    close: async () => engine.close(),
  };
}

function wipesOf(write: Write): Wipes {
  if (write.erase.length > 0) return 'texts';
  return write.secrets.length > 0 ? 'secrets' : 'nothing';
}

async function* entryPages(
  entries: ReadStatements['entries'],
  from: number,
  to: number,
): AsyncIterable<Uint8Array> {
  for (let at = from; at < to; at += PAGE_ENTRIES) {
    const page = entries(at, Math.min(to, at + PAGE_ENTRIES));
    yield* page;
  }
}

async function* attachmentPages(client: SqlClient): AsyncIterable<Attachment> {
  const next = prepareText<[string], Attachment>(
    client,
    'select digest, bytes from attachments where digest > ? order by digest limit 1',
  );
  for (let one = next.get(''); one !== undefined; one = next.get(one.digest)) yield one;
}
