import { sql } from 'drizzle-orm';
import type { Disclosure, Head, StateRow } from '../../app/store.ts';
import type { StreamId } from '../../domain/ids.ts';
import { prepare, type SqlClient } from './sql-client.ts';

const value = sql.placeholder;

/** Reads of the log and of what lies beside it, prepared once. */
export interface ReadStatements {
  head(): Head | undefined;
  entries(from: number, to: number): readonly Uint8Array[];
  tile(level: number, n: number): Uint8Array | undefined;
  state(stream: StreamId): StateRow | undefined;
  due(nowMs: number, limit: number): readonly { stream: StreamId; dueAtMs: number }[];
  attachment(digest: string): Uint8Array | undefined;
  disclosuresOf(seq: number): readonly Disclosure[];
}

export function readStatements(client: SqlClient): ReadStatements {
  return { head: headReader(client), ...logReaders(client), ...besideReaders(client) };
}

function headReader(client: SqlClient): () => Head | undefined {
  const select = prepare<[], Head>(
    client,
    sql`select size, root, last_leaf as "lastLeaf", time_ms as "timeMs", checkpoint from head where id = 1`,
  );
  return () => select.get();
}

function logReaders(client: SqlClient): Pick<ReadStatements, 'entries' | 'tile' | 'state' | 'due'> {
  const entries = prepare<[number, number], { bytes: Uint8Array }>(
    client,
    sql`select bytes from entries where seq >= ${value('from')} and seq < ${value('to')} order by seq`,
  );
  const tile = prepare<[number, number], { hashes: Uint8Array }>(
    client,
    sql`select hashes from tiles where level = ${value('level')} and n = ${value('n')}`,
  );
  const state = prepare<[string], StateRow>(
    client,
    sql`select stream, version, state, due_at_ms as "dueAtMs" from streams where stream = ${value('stream')}`,
  );
  const due = prepare<[number, number], { stream: StreamId; dueAtMs: number }>(
    client,
    sql`select stream, due_at_ms as "dueAtMs" from streams
      where due_at_ms is not null and due_at_ms <= ${value('now')} order by due_at_ms, stream limit ${value('limit')}`,
  );
  return {
    entries: (from, to) => entries.all(from, to).map((row) => row.bytes),
    tile: (level, n) => tile.get(level, n)?.hashes,
    state: (stream) => state.get(stream),
    due: (nowMs, limit) => due.all(nowMs, limit),
  };
}

function besideReaders(client: SqlClient): Pick<ReadStatements, 'attachment' | 'disclosuresOf'> {
  const attachment = prepare<[string], { bytes: Uint8Array }>(
    client,
    sql`select bytes from attachments where digest = ${value('digest')}`,
  );
  // Sorted here: `order by` made it three times as slow.
  const disclosures = prepare<[number], Disclosure>(
    client,
    sql`select seq, field, key, value from disclosures where seq = ${value('seq')}`,
  );
  return {
    attachment: (digest) => attachment.get(digest)?.bytes,
    disclosuresOf: (seq) => disclosures.all(seq).sort((a, b) => (a.field < b.field ? -1 : 1)),
  };
}
