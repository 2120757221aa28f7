import { sql } from 'drizzle-orm';
import type { Head, Snapshot, StoredEntry, UsedIdempotencyKey } from '../../app/store.ts';
import type { StreamId } from '../../domain/ids.ts';
import { binaryArray } from './binary-array.ts';
import { type Database, prepared } from './connection.ts';

const value = sql.placeholder;

/** One row of the union below; what `kind` does not speak of is null. */
type SnapshotRow =
  | {
      readonly kind: 'head';
      readonly number: number;
      readonly other: number;
      readonly bytes: Uint8Array;
      readonly leaf: Uint8Array;
      readonly note: Uint8Array;
    }
  | {
      readonly kind: 'last' | 'entry';
      readonly number: number;
      readonly name: StreamId;
      readonly other: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'version'; readonly number: number; readonly name: StreamId }
  | {
      readonly kind: 'used';
      readonly number: number;
      readonly name: string;
      readonly digest: string;
      readonly about: string;
    };

/**
 * One statement is one snapshot and one round trip. The part by stream is evaluated per stream (`offset 0` keeps it
 * so): a plan made while the table was small would read all of a large one.
 */
const snapshot = prepared<SnapshotRow>(sql`
  select 'head' as kind, size as number, time_ms as other, null as name, root as bytes, last_leaf as leaf,
    checkpoint as note, null as digest, null as about from head where id = 1
  union all
  select 'last', seq, version, stream, bytes, null, null, null, null
    from entries where seq = (select size - 1 from head where id = 1)
  union all
  select 'entry', found.seq, found.version, found.stream, found.bytes, null, null, null, null
    from unnest(${value('streams')}::text[], ${value('held')}::bigint[]) as wanted (stream, held)
    cross join lateral (
      select seq, version, stream, bytes from entries
      where entries.stream = wanted.stream and entries.version > wanted.held offset 0
    ) as found
  union all
  select 'version', version, null, stream, null, null, null, null, null
    from streams where stream = any(${value('streams_again')}::text[])
  union all
  select 'used', expires_at_ms, null, key, null, null, null, digest, about
    from idempotency where key = any(${value('keys')}::text[])`);

/** @throws Error when the log was never begun */
export async function readSnapshot(
  database: Database,
  wanted: ReadonlyMap<StreamId, number>,
  keys: readonly string[],
): Promise<Snapshot> {
  const names = [...wanted.keys()];
  const given = binaryArray('text', names);
  const held = binaryArray('bigint', [...wanted.values()]);
  const found = await database.read(snapshot, [given, held, given, binaryArray('text', keys)]);
  const streams = new Map<StreamId, StoredEntry[]>(names.map((name) => [name, []]));
  const versions = new Map<StreamId, number>(names.map((name) => [name, 0]));
  const idempotency = new Map<string, UsedIdempotencyKey>();
  let head: Head | undefined;
  let last: StoredEntry | undefined;
  for (const row of found) {
    if (row.kind === 'head') head = headOf(row);
    else if (row.kind === 'version') versions.set(row.name, row.number);
    else if (row.kind === 'used') idempotency.set(row.name, usedOf(row));
    else if (row.kind === 'last') last = entryOf(row);
    else streams.get(row.name)?.push(entryOf(row));
  }
  if (head === undefined) throw new Error('the log has no head: it was never begun');
  for (const entries of streams.values()) entries.sort((a, b) => a.version - b.version);
  return { head, streams, versions, last, idempotency };
}

type RowOf<Kind extends SnapshotRow['kind']> = Extract<SnapshotRow, { readonly kind: Kind }>;

const headOf = ({ number, other, bytes, leaf, note }: RowOf<'head'>): Head => {
  return { size: number, root: bytes, lastLeaf: leaf, timeMs: other, checkpoint: note };
};

const entryOf = (
  row: Pick<StoredEntry, 'bytes'> & { number: number; name: StreamId; other: number },
): StoredEntry => {
  return { seq: row.number, stream: row.name, version: row.other, bytes: row.bytes };
};

const usedOf = ({ name, digest, about, number }: RowOf<'used'>): UsedIdempotencyKey => {
  return { key: name, digest, about, expiresAtMs: number };
};
