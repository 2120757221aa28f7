import { sql } from 'drizzle-orm';
import { BoundedMap } from '../../app/sequencer/bounded-map.ts';
import type { Head, Snapshot, StoredEntry, UsedIdempotencyKey, Write } from '../../app/store.ts';
import type { StreamId } from '../../domain/ids.ts';
import { type Engine, prepare, prepareText, type SqlClient } from './sql-client.ts';

const value = sql.placeholder;

/** Streams whose end is remembered; about 100 bytes each. */
const MOST_STREAMS = 20_000;

/**
 * Reads snapshots, and nothing twice while nothing has changed: SQLite's `data_version` moves with every commit of
 * another connection, so as long as it stands, what was read before, and what this connection wrote, is what is there.
 */
export interface SnapshotReader {
  /** @throws Error when the log was never begun */
  read(streams: ReadonlyMap<StreamId, number>, idempotency: readonly string[]): Snapshot;
  /** To be told after each commit of a `write` on this connection. */
  wrote(write: Write): void;
  /** To be told after any other change to head, entries or streams on it, and when nobody knows what became of one. */
  forget(): void;
}

interface End {
  readonly dataVersion: number;
  readonly head: Head;
  readonly last: StoredEntry | undefined;
}

export function snapshotReader(
  engine: Pick<Engine, 'client' | 'atOneMoment'>,
  head: () => Head | undefined,
): SnapshotReader {
  const statements = snapshotStatements(engine.client);
  let end: End | undefined;
  /** Where a stream ends by its entries and by the table of streams alike. */
  let versions = new BoundedMap<StreamId, number>(MOST_STREAMS);

  function forget(): void {
    end = undefined;
    versions = new BoundedMap(MOST_STREAMS);
  }

  function currentEnd(): End {
    const dataVersion = statements.dataVersion();
    if (end?.dataVersion === dataVersion) return end;
    forget();
    const found = head();
    if (found === undefined) throw new Error('the log has no head: it was never begun');
    end = { dataVersion, head: found, last: statements.entry(found.size - 1) };
    return end;
  }

  function streamAfter(stream: StreamId, held: number): { entries: readonly StoredEntry[]; version: number } {
    if (versions.get(stream) === held) return { entries: [], version: held };
    const entries = statements.entriesAbove(stream, held);
    const version = statements.version(stream);
    if (held + entries.length === version) versions.set(stream, version);
    return { entries, version };
  }

  /** One statement is one moment by itself: good for an answer that is all remembered, and for no other. */
  function remembered(wanted: ReadonlyMap<StreamId, number>): Snapshot | undefined {
    if (end === undefined || end.dataVersion !== statements.dataVersion()) return undefined;
    const streams = new Map<StreamId, readonly StoredEntry[]>();
    for (const [stream, held] of wanted) {
      if (versions.get(stream) !== held) return undefined;
      streams.set(stream, []);
    }
    return { head: end.head, streams, versions: wanted, last: end.last, idempotency: new Map() };
  }

  function read(wanted: ReadonlyMap<StreamId, number>, keys: readonly string[]): Snapshot {
    const current = currentEnd();
    const streams = new Map<StreamId, readonly StoredEntry[]>();
    const counted = new Map<StreamId, number>();
    for (const [stream, held] of wanted) {
      const { entries, version } = streamAfter(stream, held);
      streams.set(stream, entries);
      counted.set(stream, version);
    }
    const idempotency = new Map(keys.flatMap(statements.used).map((one) => [one.key, one]));
    return { head: current.head, streams, versions: counted, last: current.last, idempotency };
  }

  return {
    forget,
    read: (wanted, keys) =>
      (keys.length === 0 ? remembered(wanted) : undefined) ?? engine.atOneMoment(() => read(wanted, keys)),
    wrote({ head: moved, entries, states }) {
      const ends = new Map(entries.map(({ stream, version }) => [stream, version]));
      const agree =
        ends.size === states.length && states.every(({ stream, version }) => ends.get(stream) === version);
      if (end === undefined || !agree) return forget();
      for (const [stream, version] of ends) versions.set(stream, version);
      end = { dataVersion: end.dataVersion, head: moved, last: entries.at(-1) ?? end.last };
    },
  };
}

function snapshotStatements(client: SqlClient) {
  const dataVersion = prepareText<[], { data_version: number }>(client, 'pragma data_version');
  // Sorted here, not by SQLite: `order by` made this lookup, the most frequent there is, six times as slow.
  const above = prepare<[string, number], StoredEntry>(
    client,
    sql`select seq, stream, version, bytes from entries
      where stream = ${value('stream')} and version > ${value('version')}`,
  );
  const bySeq = prepare<[number], StoredEntry>(
    client,
    sql`select seq, stream, version, bytes from entries where seq = ${value('seq')}`,
  );
  const version = prepare<[string], { version: number }>(
    client,
    sql`select version from streams where stream = ${value('stream')}`,
  );
  const used = prepare<[string], UsedIdempotencyKey>(
    client,
    sql`select key, digest, about, expires_at_ms as "expiresAtMs" from idempotency where key = ${value('key')}`,
  );
  return {
    dataVersion: () => dataVersion.get()?.data_version ?? Number.NaN,
    entriesAbove: (stream: StreamId, held: number) => above.all(stream, held).sort(byVersion),
    entry: (seq: number) => bySeq.get(seq),
    version: (stream: StreamId) => version.get(stream)?.version ?? 0,
    used: (key: string) => used.all(key),
  };
}

const byVersion = (a: StoredEntry, b: StoredEntry): number => a.version - b.version;
