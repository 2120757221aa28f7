import type { Attachment, Disclosure, Store } from '../../app/store.ts';
import { advanceLog, committing } from './advance.ts';
import { type Client, openClient } from './connection.ts';
import { derivedRows, replaceDerivedRows } from './derived.ts';
import { answered, asFailure } from './failures.ts';
import { leaseStore } from './lease-store.ts';
import { migrate } from './migrate.ts';
import { readModelStatements } from './read-model-statements.ts';
import { type ReadStatements, readStatements } from './read-statements.ts';
import { secretStore } from './secret-store.ts';
import { snapshotReader } from './snapshot-reader.ts';
import { writeStatements } from './write-statements.ts';

const PAGE_ENTRIES = 1_000;

export interface SqliteStoreOptions {
  /** When a migration is applied; only remembered. */
  readonly nowMs: number;
  readonly migrationsDirectory?: string;
}

/**
 * The log in one SQLite file, which several processes may open. Creates file and schema when they are missing.
 * Throws `Failure` `read-only` for a schema this program does not know, `store-unavailable` when it cannot be opened.
 */
export function openSqliteStore(path: string, options: SqliteStoreOptions): Store {
  try {
    const client = openClient(path);
    migrate(client, options.nowMs, options.migrationsDirectory);
    return storeOn(client);
  } catch (error) {
    throw asFailure(error);
  }
}

function storeOn(client: Client): Store {
  const readModels = readModelStatements(client);
  const reads = readStatements(client);
  const snapshots = snapshotReader(client, reads.head);
  const writes = writeStatements(client, readModels);
  const commitIf = committing(client);
  /** What a commit leaves behind is not what was remembered; `advance` alone can say what it is. */
  const forgetting = <T>(work: () => T): T => {
    snapshots.forget();
    return work();
  };
  return {
    load: (streams, idempotency) => answered(() => snapshots.read(streams, idempotency)),
    advance: async (from, write) => {
      try {
        const moved = advanceLog(client, commitIf, writes, from, write);
        if (moved) snapshots.wrote(write);
        return moved;
      } catch (error) {
        snapshots.forget();
        throw error;
      }
    },
    // One file, one machine: waiting for a turn would only cost. The head's condition fences.
    turn: (work) => work(),
    entries: (from, to) => entryPages(reads, from, to),
    head: () => answered(reads.head),
    begin: async (write) =>
      forgetting(() =>
        commitIf(() => {
          if (!writes.insertHead(write.head)) return false;
          writes.putAll(write);
          return true;
        }),
      ),
    tile: (level, n) => answered(() => reads.tile(level, n)),
    attachment: (digest) => answered(() => reads.attachment(digest)),
    attachments: () => attachmentPages(client),
    disclosures: (seqs) =>
      answered((): readonly Disclosure[] => seqs.flatMap((seq) => reads.disclosuresOf(seq))),
    rows: (query) => answered(() => readModels.query(query)),
    state: (stream) => answered(() => reads.state(stream)),
    due: (nowMs, limit) => answered(() => reads.due(nowMs, limit)),
    replaceDerived: async (from, derived) =>
      forgetting(() => replaceDerivedRows(client, commitIf, writes, readModels, from, derived)),
    derived: () => derivedRows(client, readModels),
    secrets: secretStore(client, writes.changeSecret),
    leases: leaseStore(client),
    close: async () => {
      client.close();
    },
  };
}

async function* entryPages(reads: ReadStatements, from: number, to: number): AsyncIterable<Uint8Array> {
  for (let at = from; at < to; at += PAGE_ENTRIES) {
    const page = reads.entries(at, Math.min(to, at + PAGE_ENTRIES));
    yield* page;
  }
}

async function* attachmentPages(client: Client): AsyncIterable<Attachment> {
  const next = client.prepare<[string], Attachment>(
    'select digest, bytes from attachments where digest > ? order by digest limit 1',
  );
  for (let one = next.get(''); one !== undefined; one = next.get(one.digest)) yield one;
}
