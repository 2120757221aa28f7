import { equalBytes } from '../../log/bytes.ts';
import { type Entry, MalformedEntry, readEntry } from '../../log/entry.ts';
import { HASH_BYTES, type Hasher } from '../../log/hasher.ts';
import { TILE_WIDTH, type TileEdge } from '../../log/tile.ts';
import { appendLeaves, emptyEdge, leafHash } from '../../log/tree.ts';
import type { Head, Store, StoredEntry } from '../store.ts';
import { BoundedMap } from './bounded-map.ts';
import { Misfit } from './misfit.ts';

/** The end of the log that we trust: its head was signed by the log's key, and the edge has the head's root. */
export interface TrustedLog {
  readonly head: Head;
  readonly edge: TileEdge;
}

/** An entry whose bytes the tree vouches for, and whose row says the same as its bytes. */
export interface CheckedEntry {
  readonly entry: Entry;
  readonly leafHash: Uint8Array;
}

/**
 * Checks stored entries against the tree: each leaf hash against its level-0 tile, each full tile against its hash in
 * the parent, up to the right edge in memory. Full tiles never change, so a checked one is kept; 8 KiB each.
 */
export interface EntryChecker {
  /** Throws Misfit when a row, its bytes or a tile was changed. Entries at or past the edge are a Misfit too. */
  check(edge: TileEdge, stored: readonly StoredEntry[]): Promise<readonly CheckedEntry[]>;
}

const MOST_TILES = 2_048;

export function entryChecker(hasher: Hasher, store: Pick<Store, 'tile'>): EntryChecker {
  const checkedTiles = new BoundedMap<string, Uint8Array>(MOST_TILES);

  /** The tile that holds a hash, if its bytes are known to belong to the tree. */
  function knownTile(edge: TileEdge, level: number, n: number): Uint8Array | undefined {
    const full = Math.floor(edge.size / TILE_WIDTH ** (level + 1));
    return n >= full ? edge.partials[level] : checkedTiles.get(`${level}/${n}`);
  }

  async function tile(edge: TileEdge, level: number, n: number): Promise<Uint8Array> {
    const known = knownTile(edge, level, n);
    if (known !== undefined) return known;
    const hashes = await store.tile(level, n);
    const parent = await tile(edge, level + 1, Math.floor(n / TILE_WIDTH));
    if (hashes === undefined || !equalBytes(tileRoot(hasher, hashes), hashIn(parent, n))) {
      throw new Misfit(`tile ${level}/${n} is not the one that was signed; rebuild it with "server rebuild"`);
    }
    checkedTiles.set(`${level}/${n}`, hashes);
    return hashes;
  }

  async function check(edge: TileEdge, stored: readonly StoredEntry[]): Promise<readonly CheckedEntry[]> {
    const checked: CheckedEntry[] = [];
    for (const one of stored) {
      if (one.seq < 0 || one.seq >= edge.size)
        throw new Misfit('stands past the signed end of the log', one.seq);
      const n = Math.floor(one.seq / TILE_WIDTH);
      const hashes = knownTile(edge, 0, n) ?? (await tile(edge, 0, n));
      checked.push(checkEntry(hasher, one, hashIn(hashes, one.seq)));
    }
    return checked;
  }

  return { check };
}

/** Throws Misfit unless bytes have this leaf hash and the row says what they say. */
function checkEntry(hasher: Hasher, stored: StoredEntry, expected: Uint8Array): CheckedEntry {
  const hash = leafHash(hasher, stored.bytes);
  if (!equalBytes(hash, expected)) throw new Misfit('its bytes are not those that were signed', stored.seq);
  const entry = readStored(stored.bytes, stored.seq);
  if (entry.stream !== stored.stream || entry.streamVersion !== stored.version) {
    throw new Misfit('its row names another stream or version than its bytes', stored.seq);
  }
  return { entry, leafHash: hash };
}

/** Throws Misfit for bytes that are no entry, or the entry of another position. */
export function readStored(bytes: Uint8Array, seq: number): Entry {
  try {
    const entry = readEntry(bytes);
    if (entry.seq === seq) return entry;
  } catch (error) {
    if (!(error instanceof MalformedEntry)) throw error;
    throw new Misfit(error.message, seq);
  }
  throw new Misfit('its bytes belong to another position', seq);
}

function tileRoot(hasher: Hasher, hashes: Uint8Array): Uint8Array {
  if (hashes.length !== TILE_WIDTH * HASH_BYTES) return new Uint8Array(0);
  const leaves = Array.from({ length: TILE_WIDTH }, (_, at) => hashIn(hashes, at));
  return appendLeaves(hasher, emptyEdge, leaves).hashes[0] ?? new Uint8Array(0);
}

/** The hash at an index of the whole level, from the tile it lies in; no bytes when the tile ends before it. */
function hashIn(tile: Uint8Array, index: number): Uint8Array {
  const at = (index % TILE_WIDTH) * HASH_BYTES;
  return tile.subarray(at, at + HASH_BYTES);
}
