import { TILE_WIDTH } from '../../src/log/tile.ts';
import { type RangeCheck, startRange } from '../../src/log/verify-range.ts';
import type { BatchHasher } from '../hashing/wasm-hasher.ts';
import { entriesIn, tilesIn } from './entry-range.ts';
import { rangePieces } from './fetch-log.ts';
import type { GoodTile, RangeAnswer, RangeRequest } from './messages.ts';

/** Fetches one range of entries and checks them as they come. A source that cannot be read rejects. */
export async function checkRange(
  hasher: BatchHasher,
  { first, options, wantsEntries }: RangeRequest,
): Promise<RangeAnswer> {
  const range = startRange(hasher, first, options);
  const tiles: GoodTile[] = [];
  let checkingMs = 0;
  for await (const bytes of tilesIn(rangePieces(first, options.count))) {
    const started = performance.now();
    const good = checkTile(hasher, range, bytes);
    checkingMs += performance.now() - started;
    if (good === undefined) break;
    if (wantsEntries) tiles.push(good);
  }
  const result = range.finish();
  return { result, tiles: result.fault === undefined ? tiles : [], checkingMs };
}

/** The next tile of a range. undefined: it is at fault, and `range.finish` says where. */
export function checkTile(
  hasher: BatchHasher,
  range: RangeCheck,
  bytes: Uint8Array<ArrayBuffer>,
): GoodTile | undefined {
  const entries = [...entriesIn(bytes)];
  const leafHashes = hasher.leafHashes(entries);
  const tileRoot = entries.length === TILE_WIDTH ? hasher.tileRoot(leafHashes) : undefined;
  const isGood = range.take(entries, { leafHashes, tileRoot, texts: textsOf(bytes, entries) });
  return isGood ? { bytes, leafHashes } : undefined;
}

/** Here each byte is a character, whatever it is; decoding a tile at once spares a call into the browser for each entry. */
const decoder = new TextDecoder('latin1');

function textsOf(tile: Uint8Array, entries: readonly Uint8Array[]): string[] {
  const text = decoder.decode(tile);
  return entries.map(({ byteOffset, length }) => {
    const from = byteOffset - tile.byteOffset;
    return text.slice(from, from + length);
  });
}
