import { concat } from './bytes.ts';
import type { Hasher } from './hasher.ts';
import { HASH_BYTES } from './hasher.ts';
import type { Edge } from './tree.ts';
import { appendLeaves, emptyEdge } from './tree.ts';

/** Hashes in a full tile, and entries in a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;
/** Levels of the tree that a tile spans. */
export const TILE_HEIGHT = 8;
const MAX_LEVEL = 6; // 256^6 leaves fill one tile of level 5; 2^53 entries need no more
const MAX_BUNDLED_BYTES = 65_535;

/** Hashes `256·n` and on of one level: level L holds the roots of perfect subtrees of 256^L leaves. */
export interface Tile {
  readonly level: number;
  readonly n: number;
  /** 32 bytes for each of 1 to 256 hashes. */
  readonly hashes: Uint8Array;
}

export interface TileName {
  readonly level: number;
  readonly n: number;
  /** 1 to 256; less than 256 is a partial tile. */
  readonly width: number;
}

/** Reads one tile; more hashes than `width` are welcome, the surplus is not used. */
export type ReadTile = (level: number, n: number, width: number) => Uint8Array | Promise<Uint8Array>;

/** The tree's right edge, with the unfinished tile of each level: all that appending needs. */
export interface TileEdge extends Edge {
  /** By level, the hashes of its unfinished tile (no bytes when the last one is full). */
  readonly partials: readonly Uint8Array[];
}

export type TileReason =
  | 'bad-path'
  | 'bad-size'
  | 'too-short'
  | 'broken-hash'
  | 'outside-tree'
  | 'bundle-truncated'
  | 'bundle-trailing-bytes'
  | 'bundle-too-many'
  | 'entry-too-large';

/** A tile, bundle or path that is malformed. */
export class BadTile extends Error {
  readonly reason: TileReason;

  constructor(reason: TileReason) {
    super(`tile refused: ${reason}`);
    this.name = 'BadTile';
    this.reason = reason;
  }
}

export const emptyTileEdge: TileEdge = { ...emptyEdge, partials: [] };

/** `tile/<level>/<n>[.p/<width>]`. Width 256 or none is a full tile. Throws BadTile. */
export function tilePath(level: number, n: number, width: number = TILE_WIDTH): string {
  if (!Number.isSafeInteger(level) || level < 0 || level > MAX_LEVEL) throw new BadTile('bad-path');
  return `tile/${level}/${numberedPath(n, width)}`;
}

/** `tile/entries/<n>[.p/<width>]`. Throws BadTile. */
export function entriesPath(n: number, width: number = TILE_WIDTH): string {
  return `tile/entries/${numberedPath(n, width)}`;
}

/** Strict inverse of `tilePath`. Throws BadTile. */
export function parseTilePath(path: string): TileName {
  const [, level = '', rest = ''] = /^tile\/(0|[1-9]\d?)\/(.+)$/s.exec(path) ?? [];
  const name = { level: Number(level), ...parseNumberedPath(rest) };
  if (tilePath(name.level, name.n, name.width) !== path) throw new BadTile('bad-path');
  return name;
}

/** Strict inverse of `entriesPath`. Throws BadTile. */
export function parseEntriesPath(path: string): { readonly n: number; readonly width: number } {
  const [, rest = ''] = /^tile\/entries\/(.+)$/s.exec(path) ?? [];
  const name = parseNumberedPath(rest);
  if (entriesPath(name.n, name.width) !== path) throw new BadTile('bad-path');
  return name;
}

/** Every tile of a tree of this size, level by level, full ones first; empty tiles do not exist. */
export function* tilesOfSize(size: number): Generator<TileName> {
  for (
    let level = 0, hashes = checkedSize(size);
    hashes > 0;
    level++, hashes = Math.floor(hashes / TILE_WIDTH)
  ) {
    for (const { n, width } of bundlesOfSize(hashes)) yield { level, n, width };
  }
}

/** Every entry bundle of a log of this size. */
export function* bundlesOfSize(size: number): Generator<{ readonly n: number; readonly width: number }> {
  const full = Math.floor(checkedSize(size) / TILE_WIDTH);
  for (let n = 0; n < full; n++) yield { n, width: TILE_WIDTH };
  if (size % TILE_WIDTH > 0) yield { n: full, width: size % TILE_WIDTH };
}

/** The edge of a stored tree, from its unfinished tiles: at most six reads and 255 hashes each. Throws BadTile. */
export async function tileEdgeFrom(hasher: Hasher, size: number, readTile: ReadTile): Promise<TileEdge> {
  const partials: Uint8Array[] = [];
  const hashes: Uint8Array[] = [];
  for (let level = 0, count = checkedSize(size); count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    const width = count % TILE_WIDTH;
    const stored =
      width === 0 ? new Uint8Array(0) : await readTile(level, Math.floor(count / TILE_WIDTH), width);
    const partial = firstHashes(stored, width);
    partials.push(partial);
    hashes.unshift(...appendLeaves(hasher, emptyEdge, hashesOf(partial)).hashes);
  }
  return { size, hashes, partials };
}

/**
 * Appends leaves: about one node hash each, and nothing of a tile is hashed again. `tiles` are the rows to store: the
 * new full tiles, and the unfinished ones that grew (they replace the row of the same level and n). `edge` is new;
 * the one given is untouched, so that a commit that fails costs nothing.
 */
export function appendToTiles(
  hasher: Hasher,
  edge: TileEdge,
  leafHashes: readonly Uint8Array[],
): { readonly edge: TileEdge; readonly tiles: readonly Tile[] } {
  if (leafHashes.length === 0) return { edge, tiles: [] };
  const added: Uint8Array[][] = [[...leafHashes]];
  const next = appendLeaves(hasher, edge, leafHashes, (height, _index, hash) => {
    if (height % TILE_HEIGHT !== 0) return;
    const level = height / TILE_HEIGHT;
    added[level] ??= [];
    added[level].push(hash);
  });
  const tiles: Tile[] = [];
  const partials = [...edge.partials];
  for (const [level, hashes] of added.entries()) {
    const grown = concat(partials[level] ?? new Uint8Array(0), joined(hashes));
    const first = Math.floor(edge.size / TILE_WIDTH ** (level + 1));
    partials[level] = cutTiles(level, first, grown, tiles);
  }
  return { edge: { ...next, partials }, tiles };
}

/**
 * Serves the node hashes of a stored tree of this size from its tiles: `level` is the height above the leaves. Tiles
 * read once are kept as long as the reader. Throws BadTile `outside-tree` for a subtree that is not complete.
 */
export function tileHashReader(
  hasher: Hasher,
  size: number,
  readTile: ReadTile,
): (level: number, index: number) => Promise<Uint8Array> {
  const kept = new Map<string, Promise<Uint8Array>>();
  return async (level, index) => {
    if ((index + 1) * 2 ** level > checkedSize(size)) throw new BadTile('outside-tree');
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const span = 2 ** (level % TILE_HEIGHT);
    const n = Math.floor((index * span) / TILE_WIDTH);
    const width = Math.min(TILE_WIDTH, Math.floor(size / TILE_WIDTH ** tileLevel) - n * TILE_WIDTH);
    const path = tilePath(tileLevel, n, width);
    const tile = kept.get(path) ?? Promise.resolve(readTile(tileLevel, n, width));
    kept.set(path, tile);
    const start = ((index * span) % TILE_WIDTH) * HASH_BYTES;
    const hashes = hashesOf(firstHashes(await tile, width).slice(start, start + span * HASH_BYTES));
    const [root] = appendLeaves(hasher, emptyEdge, hashes).hashes;
    if (root === undefined) throw new BadTile('outside-tree');
    return root;
  };
}

/** Entries of one bundle, each after its length in 16 bits, big-endian. Throws BadTile. */
export function formatEntryBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length > TILE_WIDTH) throw new BadTile('bundle-too-many');
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    if (entry.length > MAX_BUNDLED_BYTES) throw new BadTile('entry-too-large');
    parts.push(Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry);
  }
  return concat(...parts);
}

/** Inverse of `formatEntryBundle`: exactly `count` entries, not a byte more. The entries share the bundle's memory. */
export function parseEntryBundle(bundle: Uint8Array, count: number): Uint8Array[] {
  if (count > TILE_WIDTH) throw new BadTile('bundle-too-many');
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < count) {
    if (at + 2 > bundle.length) throw new BadTile('bundle-truncated');
    const end = at + 2 + view.getUint16(at);
    if (end > bundle.length) throw new BadTile('bundle-truncated');
    entries.push(bundle.subarray(at + 2, end));
    at = end;
  }
  if (at !== bundle.length) throw new BadTile('bundle-trailing-bytes');
  return entries;
}

function cutTiles(level: number, first: number, grown: Uint8Array, tiles: Tile[]): Uint8Array {
  const tileBytes = TILE_WIDTH * HASH_BYTES;
  const full = Math.floor(grown.length / tileBytes);
  for (let at = 0; at < full; at++) {
    tiles.push({ level, n: first + at, hashes: grown.slice(at * tileBytes, (at + 1) * tileBytes) });
  }
  const rest = grown.slice(full * tileBytes);
  if (rest.length > 0) tiles.push({ level, n: first + full, hashes: rest });
  return rest;
}

function numberedPath(n: number, width: number): string {
  if (!Number.isSafeInteger(n) || n < 0) throw new BadTile('bad-path');
  if (!Number.isSafeInteger(width) || width < 1 || width > TILE_WIDTH) throw new BadTile('bad-path');
  let path = String(n % 1000).padStart(3, '0');
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

// What is no path comes out as some other name, whose path the callers compare.
function parseNumberedPath(path: string): { n: number; width: number } {
  const [, groups = '', width] = /^((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  return {
    n: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
}

function firstHashes(stored: Uint8Array, width: number): Uint8Array {
  if (stored.length % HASH_BYTES !== 0) throw new BadTile('broken-hash');
  if (stored.length < width * HASH_BYTES) throw new BadTile('too-short');
  return stored.slice(0, width * HASH_BYTES);
}

function* hashesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += HASH_BYTES) yield bytes.slice(at, at + HASH_BYTES);
}

function joined(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [at, hash] of hashes.entries()) bytes.set(hash, at * HASH_BYTES);
  return bytes;
}

function checkedSize(size: number): number {
  if (!Number.isSafeInteger(size) || size < 0) throw new BadTile('bad-size');
  return size;
}
