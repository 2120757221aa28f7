import { TILE_WIDTH } from '../../src/log/tile.ts';

/** Entries as they come over the network: each after its length in 16 bits, big-endian, as in a C2SP entry bundle. */

/** One by one, so that a fault is found before the bytes behind it. They share the given memory. Throws RangeError. */
export function* entriesIn(bytes: Uint8Array): Generator<Uint8Array> {
  let end = 0;
  for (let at = 0; at < bytes.length; at = end) {
    end = endOfEntry(bytes, at);
    if (end > bytes.length) throw endsWithin();
    yield bytes.subarray(at + LENGTH_BYTES, end);
  }
}

/**
 * The same bytes tile by tile, each of 256 entries in memory of its own, the last with what is left; in whatever pieces
 * they come. Throws RangeError.
 */
export async function* tilesIn(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  let tile = emptyTile();
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += MOST_AT_ONCE) {
      add(tile, piece.subarray(at, at + MOST_AT_ONCE));
      // Entries may be so small that what was added makes several tiles.
      while (tile.count === TILE_WIDTH) {
        const { bytes, whole, filled } = tile;
        tile = emptyTile();
        add(tile, bytes.subarray(whole, filled));
        yield bytes.subarray(0, whole);
      }
    }
  }
  if (tile.filled > tile.whole) throw endsWithin();
  if (tile.count > 0) yield tile.bytes.subarray(0, tile.whole);
}

const LENGTH_BYTES = 2;
/** What is left over of a tile's last piece is copied once more. */
const MOST_AT_ONCE = 65_536;
const USUAL_TILE_BYTES = 400_000;

interface GrowingTile {
  bytes: Uint8Array<ArrayBuffer>;
  filled: number;
  /** Where the last whole entry ends. */
  whole: number;
  /** Whole entries. */
  count: number;
}

const emptyTile = (): GrowingTile => ({
  bytes: new Uint8Array(USUAL_TILE_BYTES),
  filled: 0,
  whole: 0,
  count: 0,
});

function add(tile: GrowingTile, part: Uint8Array): void {
  const needed = tile.filled + part.length;
  if (needed > tile.bytes.length) {
    const grown = new Uint8Array(2 * needed);
    grown.set(tile.bytes.subarray(0, tile.filled));
    tile.bytes = grown;
  }
  tile.bytes.set(part, tile.filled);
  tile.filled = needed;
  for (; tile.count < TILE_WIDTH; tile.count++) {
    const end = endOfEntry(tile.bytes, tile.whole);
    if (tile.whole + LENGTH_BYTES > tile.filled || end > tile.filled) break;
    tile.whole = end;
  }
}

const endOfEntry = (bytes: Uint8Array, at: number): number =>
  at + LENGTH_BYTES + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);

const endsWithin = (): RangeError => new RangeError('The answer ends within an entry.');
