import { rowValue, streamValue, tileValue } from '../../src/app/sequencer/derived-value.ts';
import type {
  DerivedRows,
  DerivedValue,
  Disclosure,
  Head,
  RowQuery,
  SecretKind,
  Snapshot,
  StoredEntry,
  StoredSecret,
} from '../../src/app/store.ts';
import type { StreamId } from '../../src/domain/ids.ts';
import { isReadModelName, readModelTables } from '../../src/projections/tables.ts';
import { type Database, isHead, putDerived, type Row, secretKey } from './memory-database.ts';

/** Most rows one answer holds, as the port says. */
const MOST_ROWS = 200;

export function snapshotOf(
  database: Database,
  wanted: ReadonlyMap<StreamId, number>,
  keys: readonly string[],
): Snapshot {
  const { head } = database;
  if (head === undefined) throw new Error('the log has no head: it was never begun');
  const streams = new Map<StreamId, readonly StoredEntry[]>();
  const versions = new Map<StreamId, number>();
  for (const [stream, held] of wanted) {
    const entries = database.byStream.get(stream) ?? [];
    streams.set(stream, held === 0 ? [...entries] : entries.filter(({ version }) => version > held));
    versions.set(stream, database.states.get(stream)?.version ?? 0);
  }
  const used = keys.flatMap((key) => database.idempotency.get(key) ?? []);
  return {
    head,
    streams,
    versions,
    last: database.entries[head.size - 1],
    idempotency: new Map(used.map((one) => [one.key, one])),
  };
}

export function entryBytes(database: Database, from: number, to: number): readonly Uint8Array[] {
  return database.entries.slice(from, Math.max(from, to)).map(({ bytes }) => bytes);
}

export function disclosuresOf(database: Database, seqs: readonly number[]): readonly Disclosure[] {
  return seqs.flatMap((seq) =>
    (database.disclosures.get(seq) ?? []).toSorted((a, b) => (a.field < b.field ? -1 : 1)),
  );
}

type FoundRow = Row & { readonly key: string };

/** Newest first, as the port says. */
export function rowsOf(database: Database, query: RowQuery): readonly FoundRow[] {
  const { table, where, before, limit } = query;
  if (!isReadModelName(table)) throw new RangeError(`there is no read model ${table}`);
  const { columns, order } = readModelTables[table];
  if (Object.keys(where).some((name) => name !== 'key' && !Object.hasOwn(columns, name)))
    throw new RangeError(`the columns of a row differ from those of the read model ${table}`);
  const found: FoundRow[] = [];
  for (const row of candidates(database, query)) {
    const fits = Object.entries(where).every(([name, value]) => row[name] === value);
    if (fits && (before === undefined || Number(row[order]) < Number(before))) found.push(row);
  }
  found.sort((a, b) => Number(b[order]) - Number(a[order]) || (a.key < b.key ? 1 : -1));
  return found.slice(0, Math.min(limit, MOST_ROWS));
}

function* candidates(database: Database, { table, where }: RowQuery): Iterable<FoundRow> {
  const rows = database.tables.get(table) ?? new Map<string, Row>();
  if (typeof where['key'] !== 'string') {
    for (const [key, row] of rows) yield { key, ...row };
    return;
  }
  const row = rows.get(where['key']);
  if (row !== undefined) yield { key: where['key'], ...row };
}

export function dueStreams(
  database: Database,
  nowMs: number,
  limit: number,
): readonly { stream: StreamId; dueAtMs: number }[] {
  return [...database.deadlines]
    .filter(([, dueAtMs]) => dueAtMs <= nowMs)
    .map(([stream, dueAtMs]) => ({ stream, dueAtMs }))
    .sort((a, b) => a.dueAtMs - b.dueAtMs || (a.stream < b.stream ? -1 : 1))
    .slice(0, limit);
}

export function derivedValues(database: Database): readonly DerivedValue[] {
  const rows = [...database.tables].flatMap(([table, found]) =>
    [...found].map(([key, row]) => rowValue(table, key, row)),
  );
  return [
    ...[...database.tiles.values()].map(tileValue),
    ...[...database.states.values()].map(streamValue),
    ...rows,
  ];
}

export function replaceDerivedRows(database: Database, from: Head, derived: DerivedRows): boolean {
  if (!isHead(database, from)) return false;
  database.tiles.clear();
  database.states.clear();
  database.deadlines.clear();
  for (const rows of database.tables.values()) rows.clear();
  putDerived(database, derived);
  return true;
}

export function secretsOf(database: Database, kind: SecretKind, person: string): readonly StoredSecret[] {
  return [...database.secrets.values()]
    .filter((one) => one.kind === kind && one.person === person)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

export function takeSecret(database: Database, kind: SecretKind, id: string): StoredSecret | undefined {
  const key = secretKey(kind, id);
  const found = database.secrets.get(key);
  database.secrets.delete(key);
  return found;
}

export function forgetExpired(database: Database, nowMs: number): number {
  let count = 0;
  for (const [key, { expiresAtMs }] of database.secrets) {
    if (expiresAtMs !== null && expiresAtMs <= nowMs && database.secrets.delete(key)) count += 1;
  }
  for (const [key, { expiresAtMs }] of database.idempotency) {
    if (expiresAtMs <= nowMs && database.idempotency.delete(key)) count += 1;
  }
  return count;
}
