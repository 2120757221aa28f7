import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat } from '../../src/log/bytes.ts';
import { MAX_ENTRY_BYTES } from '../../src/log/entry.ts';
import { entriesIn, tilesIn } from '../../web/verify/entry-range.ts';

const entry = fc
  .record({ length: fc.oneof(fc.nat(3), fc.nat(2_000), fc.constant(MAX_ENTRY_BYTES)), fill: fc.nat(255) })
  .map(({ length, fill }) => new Uint8Array(length).fill(fill));

const sent = (entries: readonly Uint8Array[]): Uint8Array =>
  concat(...entries.flatMap((one) => [Uint8Array.of(one.length >> 8, one.length & 255), one]));

async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const end = at + (sizes[turn % sizes.length] ?? 1);
    yield bytes.subarray(at, end);
    at = end;
  }
}

async function tilesOf(bytes: Uint8Array, sizes: readonly number[]): Promise<Uint8Array[][]> {
  const tiles: Uint8Array[][] = [];
  for await (const tile of tilesIn(inPieces(bytes, sizes))) tiles.push([...entriesIn(tile)]);
  return tiles;
}

test('entries come in tiles of 256, byte for byte, in whatever pieces the network delivers them', async () => {
  const few = fc.array(entry, { maxLength: 12 });
  // The same few over and over: several tiles without generating each entry.
  const entries = fc
    .tuple(few, fc.nat(700))
    .map(([some, count]) =>
      some.length === 0
        ? []
        : Array.from({ length: count }, (_, at) => some[at % some.length] ?? Uint8Array.of()),
    );
  const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1_000, max: 300_000 })), {
    minLength: 2,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(
      entries,
      sizes.map((some) => [...some, 200_000]),
      async (given, pieces) => {
        const tiles = await tilesOf(sent(given), pieces);
        expect(tiles.map(({ length }) => length)).toEqual(
          Array.from({ length: Math.ceil(given.length / 256) }, (_, n) =>
            Math.min(256, given.length - 256 * n),
          ),
        );
        expect(Buffer.compare(sent(tiles.flat()), sent(given))).toBe(0);
      },
    ),
    { numRuns: 20 },
  );
});

test('an answer that ends within an entry, or within its length, is no range', async () => {
  const whole = sent([new Uint8Array(300), new Uint8Array(5)]);
  for (const cut of [1, 4, 6, 308]) {
    await expect(tilesOf(whole.subarray(0, whole.length - cut), [64]), `${cut}`).rejects.toThrow(RangeError);
  }
});
