import { fromUtf8, utf8 } from '../../log/bytes.ts';
import { readEntry } from '../../log/entry.ts';
import { HASH_BYTES } from '../../log/hasher.ts';
import { BadTile, formatEntryBundle, parseEntriesPath, parseTilePath, TILE_WIDTH } from '../../log/tile.ts';
import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import type { Head } from '../store.ts';
import { namesOf, personsIn } from './names.ts';

/** The log as it is stored: bytes, for readers who check them for themselves. Who may read is the caller's to check. */
export async function logEntries(
  broker: Broker,
  from: number,
  limit: number,
): Promise<{
  readonly items: readonly { readonly seq: number; readonly bytes: string }[];
  readonly size: number;
}> {
  const { size } = await headOf(broker);
  const items: { seq: number; bytes: string }[] = [];
  for await (const bytes of broker.store.entries(from, Math.min(from + limit, size))) {
    items.push({ seq: from + items.length, bytes: fromUtf8(bytes) });
  }
  return { items, size };
}

/** How the people are called whom these entries name; who has no name, or an erased one, is left out. */
export async function namesInEntries(
  broker: Broker,
  items: readonly { readonly bytes: string }[],
): Promise<Readonly<Record<string, string>>> {
  const people = [...new Set(items.flatMap(({ bytes }) => personsIn(readEntry(utf8(bytes)).data)))];
  const nameOf = await namesOf(broker, people);
  const named = people.map((person) => [person, nameOf(person).display_name] as const);
  return Object.fromEntries(named.filter((one): one is [string, string] => one[1] !== null));
}

export async function headOf(broker: Broker): Promise<Head> {
  const head = await broker.store.head();
  if (head === undefined) throw notFound('log');
  return head;
}

/**
 * C2SP tlog-tiles: hashes of a tile, or a bundle of entries, exactly as many as the path says.
 * @param path `tile/…` or `tile/entries/…`
 * @throws Failure `not-found` for what the log does not reach yet and for what is no path
 */
export async function logTile(broker: Broker, path: string): Promise<Uint8Array> {
  try {
    return path.startsWith('tile/entries/') ? await entryBundle(broker, path) : await hashTile(broker, path);
  } catch (error) {
    if (error instanceof BadTile) throw notFound('tile');
    throw error;
  }
}

async function entryBundle(broker: Broker, path: string): Promise<Uint8Array> {
  const { n, width } = parseEntriesPath(path);
  const { size } = await headOf(broker);
  const from = n * TILE_WIDTH;
  if (from + width > size) throw notFound('tile');
  const entries: Uint8Array[] = [];
  for await (const bytes of broker.store.entries(from, from + width)) entries.push(bytes);
  return formatEntryBundle(entries);
}

async function hashTile(broker: Broker, path: string): Promise<Uint8Array> {
  const { level, n, width } = parseTilePath(path);
  const hashes = await broker.store.tile(level, n);
  if (hashes === undefined || hashes.length < width * HASH_BYTES) throw notFound('tile');
  return hashes.subarray(0, width * HASH_BYTES);
}
