import { tellEntry } from '../../domain/events/tell-entry.ts';
import { catalogue } from '../../domain/events.ts';
import { base64, fromUtf8 } from '../../log/bytes.ts';
import { type Entry, MalformedEntry, readEntry } from '../../log/entry.ts';
import { leafHash } from '../../log/tree.ts';
import type { Broker } from '../broker.ts';
import { headOf, namesInEntries } from './log-pages.ts';

/** One line of the log for people. What stands in it was read just now, and is checked against its neighbour only. */
export interface LogRow {
  readonly seq: number;
  /** ISO 8601; empty where the entry cannot be read. */
  readonly at: string;
  /** The type's second word, such as `request`; empty where the entry cannot be read. */
  readonly kind: string;
  readonly sentence: string;
  /** Base64 of the leaf hash that the stored bytes have now. */
  readonly hash: string;
  /** What the next entry was bound to; null: this is the last one. Another value than `hash` is a broken link. */
  readonly bound: string | null;
}

export interface LogTable {
  readonly rows: readonly LogRow[];
  readonly size: number;
}

/** What the table may be narrowed to; what is left out narrows nothing. */
export interface LogFilter {
  readonly kind?: string;
  /** Text that stands in the entry as it is: an id, a ticket, a name of an entitlement. */
  readonly about?: string;
  readonly sinceMs?: number;
  /** Exclusive. */
  readonly untilMs?: number;
}

export interface FoundInLog extends LogTable {
  /** Where to go on: entries before this one were not looked at yet; null: all were. */
  readonly next: number | null;
}

/** Entries looked at for one answer, so that a rare word in a long log costs many short answers, never one long. */
export const MOST_LOOKED_AT = 20_000;
const CHUNK = 1_000;

/** The kinds of entries there are, as they stand in their types. */
export const entryKinds: readonly string[] = [
  ...new Set(Object.keys(catalogue).map((type) => type.split('.')[1] ?? '')),
].toSorted();

/** Entries [from, to) in order, each bound to its neighbour. Who may read is the caller's to check. */
export async function tableRows(broker: Broker, from: number, to: number): Promise<LogTable> {
  const { size } = await headOf(broker);
  const read = await readEntries(broker, from, Math.min(to, size) + 1, size);
  return { rows: await told(broker, read.slice(0, Math.max(0, Math.min(to, size) - from))), size };
}

/** The newest entries before `before` that fit the filter, newest first, at most `limit`. */
export async function searchLog(
  broker: Broker,
  filter: LogFilter,
  before: number | null,
  limit: number,
): Promise<FoundInLog> {
  const { size } = await headOf(broker);
  const first = filter.sinceMs === undefined ? 0 : await firstAt(broker, filter.sinceMs, size);
  const until = filter.untilMs === undefined ? size : await firstAt(broker, filter.untilMs, size);
  const start = Math.min(before ?? size, until, size);
  const lowest = Math.max(first, start - MOST_LOOKED_AT);
  // Where everything fits, no more is read than is shown.
  const chunkSize = filter.kind === undefined && filter.about === undefined ? limit : CHUNK;
  const found: ReadBytes[] = [];
  let at = start;
  while (at > lowest && found.length < limit) {
    const from = Math.max(lowest, at - chunkSize);
    const chunk = await readEntries(broker, from, Math.min(at + 1, size), size);
    const fitting = chunk.filter(({ seq, bytes }) => seq < at && fits(filter, bytes)).toReversed();
    found.push(...fitting.slice(0, limit - found.length));
    at = found.length === limit ? (found.at(-1)?.seq ?? from) : from;
  }
  return { rows: await told(broker, found), size, next: at > first ? at : null };
}

/** The first entry stamped at or after this moment; the log's size when there is none. */
async function firstAt(broker: Broker, timeMs: number, size: number): Promise<number> {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [one] = await readEntries(broker, middle, middle + 1, size);
    const entry = one === undefined ? undefined : readable(one.bytes);
    // Where an entry cannot be read, its half is looked through rather than passed over.
    if (entry === undefined || entry.timeMs >= timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

interface ReadBytes {
  readonly seq: number;
  readonly bytes: Uint8Array;
  /** The entry after it. */
  readonly after: Uint8Array | undefined;
}

/** Each with the one after it, but the last of them. */
async function readEntries(
  broker: Broker,
  from: number,
  to: number,
  size: number,
): Promise<readonly ReadBytes[]> {
  const read: Uint8Array[] = [];
  for await (const bytes of broker.store.entries(from, Math.min(to, size))) read.push(bytes);
  return read.map((bytes, at) => ({ seq: from + at, bytes, after: read[at + 1] }));
}

/** What an entry names as its predecessor's hash. */
const boundBy = (next: Uint8Array | undefined): string | null => {
  const entry = next === undefined ? undefined : readable(next);
  return entry === undefined ? null : base64(entry.prev);
};

const readable = (bytes: Uint8Array): Entry | undefined => {
  try {
    return readEntry(bytes);
  } catch (error) {
    if (error instanceof MalformedEntry || error instanceof TypeError) return undefined;
    throw error;
  }
};

const decoder = new TextDecoder();

/** By the bytes alone: most entries of a long log are passed over, and parsing each would cost the most. */
function fits({ kind, about }: LogFilter, bytes: Uint8Array): boolean {
  if (kind === undefined && about === undefined) return true;
  const text = decoder.decode(bytes);
  if (kind !== undefined && !text.includes(`"type":"countersign.${kind}.`)) return false;
  return about === undefined || text.includes(JSON.stringify(about).slice(1, -1));
}

async function told(broker: Broker, read: readonly ReadBytes[]): Promise<readonly LogRow[]> {
  const entries = read.map((one) => ({ ...one, entry: readable(one.bytes) }));
  const named = entries.filter(({ entry }) => entry !== undefined);
  const names = await namesInEntries(
    broker,
    named.map(({ bytes }) => ({ bytes: fromUtf8(bytes) })),
  );
  const nameOf = (person: string): string =>
    (Object.hasOwn(names, person) ? names[person] : undefined) ?? person;
  return entries.map(({ seq, bytes, after, entry }) => ({
    seq,
    at: entry?.time ?? '',
    kind: entry?.type.split('.')[1] ?? '',
    sentence: entry === undefined ? '' : tellEntry(entry, nameOf),
    hash: base64(leafHash(broker.hasher, bytes)),
    bound: boundBy(after),
  }));
}
