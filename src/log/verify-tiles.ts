import { equalBytes } from './bytes.ts';
import type { Hasher } from './hasher.ts';
import { HASH_BYTES } from './hasher.ts';
import { TILE_WIDTH, tilesOfSize } from './tile.ts';
import { appendLeaves, edgeRoot, emptyEdge } from './tree.ts';
import type { Fault } from './verify-range.ts';

/** Reads a stored tile, whole or with more hashes than asked for; undefined when there is none. */
export type FindTile = (level: number, n: number, width: number) => Uint8Array | undefined;

/**
 * Checks the stored tiles above level 0: each hash must be the root of the full tile below it. Together with level 0,
 * which is compared with the entries themselves, this covers every tile. The fault names the first entry under the
 * hash that is wrong.
 */
export function checkUpperTiles(hasher: Hasher, size: number, findTile: FindTile): Fault | undefined {
  for (const { level, n, width } of tilesOfSize(size)) {
    if (level === 0) continue;
    const tile = findTile(level, n, width);
    for (let at = 0; at < width; at++) {
      const index = n * TILE_WIDTH + at;
      const seq = index * TILE_WIDTH ** level;
      const below = findTile(level - 1, index, TILE_WIDTH);
      if (tile === undefined || below === undefined) return { seq, reason: 'tile-missing' };
      if (!equalBytes(hashAt(tile, at), tileRoot(hasher, below))) return { seq, reason: 'tile-differs' };
    }
  }
  return undefined;
}

function tileRoot(hasher: Hasher, tile: Uint8Array): Uint8Array {
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < TILE_WIDTH; at++) hashes.push(hashAt(tile, at));
  // A tile cut short has hashes of another length, which no node can have.
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) return new Uint8Array(0);
  return edgeRoot(hasher, appendLeaves(hasher, emptyEdge, hashes));
}

function hashAt(tile: Uint8Array, at: number): Uint8Array {
  return tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
}
