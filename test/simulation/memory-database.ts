import type {
  Attachment,
  Disclosure,
  Head,
  RowChange,
  SecretChange,
  StateRow,
  StoredEntry,
  StoredSecret,
  UsedIdempotencyKey,
  Write,
} from '../../src/app/store.ts';
import type { StreamId } from '../../src/domain/ids.ts';
import { equalBytes } from '../../src/log/bytes.ts';
import type { Tile } from '../../src/log/tile.ts';
import { isReadModelName, readModelTables } from '../../src/projections/tables.ts';

export type Row = NonNullable<RowChange['row']>;

/** What a store keeps, in this process's memory: what is durable is what stands here when a broker is gone. */
export interface Database {
  head: Head | undefined;
  readonly entries: StoredEntry[];
  readonly byStream: Map<StreamId, StoredEntry[]>;
  readonly tiles: Map<string, Tile>;
  readonly states: Map<StreamId, StateRow>;
  /** Streams with a deadline, so that looking for what is due does not look at all. */
  readonly deadlines: Map<StreamId, number>;
  readonly tables: Map<string, Map<string, Row>>;
  readonly disclosures: Map<number, readonly Disclosure[]>;
  readonly attachments: Map<string, Attachment>;
  readonly secrets: Map<string, StoredSecret>;
  readonly idempotency: Map<string, UsedIdempotencyKey>;
  readonly leases: Map<string, Lease>;
}

export interface Lease {
  readonly holder: string;
  readonly untilMs: number;
}

export const emptyDatabase = (): Database => ({
  head: undefined,
  entries: [],
  byStream: new Map(),
  tiles: new Map(),
  states: new Map(),
  deadlines: new Map(),
  tables: new Map(Object.keys(readModelTables).map((name) => [name, new Map()])),
  disclosures: new Map(),
  attachments: new Map(),
  secrets: new Map(),
  idempotency: new Map(),
  leases: new Map(),
});

/** Another database with the same content; its values are never changed in place, so they may be shared. */
export const copyOf = (database: Database): Database => ({
  head: database.head,
  entries: [...database.entries],
  byStream: new Map([...database.byStream].map(([stream, entries]) => [stream, [...entries]])),
  tiles: new Map(database.tiles),
  states: new Map(database.states),
  deadlines: new Map(database.deadlines),
  tables: new Map([...database.tables].map(([name, rows]) => [name, new Map(rows)])),
  disclosures: new Map(database.disclosures),
  attachments: new Map(database.attachments),
  secrets: new Map(database.secrets),
  idempotency: new Map(database.idempotency),
  leases: new Map(database.leases),
});

export function beginLog(database: Database, write: Write): boolean {
  if (database.head !== undefined) return false;
  check(database, write);
  apply(database, write);
  return true;
}

/** One transaction: everything is looked at before anything is written, so what fails has changed nothing. */
export function advanceLog(database: Database, from: Head, write: Write): boolean {
  if (!isHead(database, from)) return false;
  check(database, write);
  apply(database, write);
  return true;
}

export function isHead({ head }: Database, from: Head): boolean {
  return head !== undefined && head.size === from.size && equalBytes(head.root, from.root);
}

function check(database: Database, { entries, rows }: Write): void {
  const places = new Set<string>();
  for (const { seq, stream, version } of entries) {
    const place = `${stream}\n${version}`;
    const taken = database.byStream.get(stream)?.some((one) => one.version === version) ?? false;
    if (taken || places.has(place) || database.entries[seq] !== undefined)
      throw new Error(`entry ${seq} takes a place that is taken: ${stream} ${version}`);
    places.add(place);
  }
  for (const change of rows) checkRow(change);
}

function checkRow({ table, row }: RowChange): void {
  if (!isReadModelName(table)) throw new RangeError(`there is no read model ${table}`);
  if (row === null) return;
  const columns = Object.keys(readModelTables[table].columns);
  const fits = Object.keys(row).length === columns.length && columns.every((name) => row[name] !== undefined);
  if (!fits) throw new RangeError(`the columns of a row differ from those of the read model ${table}`);
}

/** Without the looking first: only a sabotage may. */
export function apply(database: Database, write: Write): void {
  database.head = write.head;
  for (const entry of write.entries) {
    database.entries[entry.seq] = entry;
    const stream = database.byStream.get(entry.stream);
    if (stream === undefined) database.byStream.set(entry.stream, [entry]);
    else stream.push(entry);
  }
  putDerived(database, write);
  for (const one of write.disclosures) {
    database.disclosures.set(one.seq, [...(database.disclosures.get(one.seq) ?? []), one]);
  }
  for (const { seq, field } of write.erase) {
    const left = database.disclosures.get(seq)?.filter((one) => one.field !== field) ?? [];
    database.disclosures.set(seq, left);
  }
  for (const one of write.attachments) database.attachments.set(one.digest, one);
  for (const change of write.secrets) changeSecret(database, change);
  for (const used of write.idempotency) database.idempotency.set(used.key, used);
}

/** Rows, tiles and streams: what a rebuild makes again. */
export function putDerived(
  database: Database,
  derived: {
    readonly tiles: Iterable<Tile>;
    readonly states: Iterable<StateRow>;
    readonly rows: Iterable<RowChange>;
  },
): void {
  for (const tile of derived.tiles) database.tiles.set(`${tile.level}/${tile.n}`, tile);
  for (const state of derived.states) {
    database.states.set(state.stream, state);
    if (state.dueAtMs === null) database.deadlines.delete(state.stream);
    else database.deadlines.set(state.stream, state.dueAtMs);
  }
  for (const { table, key, row } of derived.rows) {
    if (row === null) database.tables.get(table)?.delete(key);
    else database.tables.get(table)?.set(key, row);
  }
}

export const secretKey = (kind: string, id: string): string => `${kind}\n${id}`;

export function changeSecret(database: Database, change: SecretChange): void {
  const { id, person, kind, value, expiresAtMs } = change;
  if (value === null) database.secrets.delete(secretKey(kind, id));
  else database.secrets.set(secretKey(kind, id), { id, person, kind, value, expiresAtMs });
}

export function takeLease(database: Database, job: string, lease: Lease, nowMs: number): boolean {
  const held = database.leases.get(job);
  const isOver =
    held === undefined || held.untilMs <= nowMs || held.untilMs > nowMs + 2 * (lease.untilMs - nowMs);
  if (!isOver && held.holder !== lease.holder) return false;
  database.leases.set(job, lease);
  return true;
}

export function releaseLease(database: Database, job: string, holder: string): void {
  if (database.leases.get(job)?.holder === holder) database.leases.delete(job);
}
