import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex, utf8 } from '../../src/log/bytes.ts';
import { MAX_ENTRY_BYTES } from '../../src/log/entry.ts';
import { TILE_WIDTH } from '../../src/log/tile.ts';
import { appendLeaves, edgeRoot, emptyEdge, leafHash } from '../../src/log/tree.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { createWasmHasher } from '../../web/hashing/wasm-hasher.ts';

const hasher = createWasmHasher();
const hashesIn = (made: Uint8Array): string[] => hex(made).match(/.{64}/g) ?? [];
const bytesOf = (length: number): Uint8Array => new Uint8Array(length).map((_, at) => 31 * at + length);

test('the empty message and abc have the hashes that FIPS 180-4 gives them', () => {
  expect(hex(hasher.sha256(new Uint8Array(0)))).toBe(
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
  expect(hex(hasher.sha256(utf8('abc')))).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

test('messages of every length up to three blocks, and about each longer piece, hash as in Node', () => {
  const lengths = [...Array(193).keys(), 65_535, 65_536, 67_583, 67_584, 67_585, 135_168, 200_000];
  const differ = lengths.filter((length) => {
    const message = bytesOf(length);
    return hex(hasher.sha256(message)) !== hex(nodeHasher.sha256(message));
  });
  expect(differ).toEqual([]);
});

test('HMAC with short, whole and long keys is as in Node', () => {
  for (const length of [0, 1, 32, 63, 64, 65, 200]) {
    const [key, message] = [bytesOf(length), bytesOf(1_000 + length)];
    expect(hex(hasher.hmacSha256(key, message))).toBe(hex(nodeHasher.hmacSha256(key, message)));
  }
});

test('leaf hashes made four at once are those made one by one, whatever the lengths and however many', () => {
  const entry = fc.oneof(fc.nat(200), fc.nat(3_000), fc.constant(MAX_ENTRY_BYTES)).map(bytesOf);
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 23 }), (entries) => {
      const expected = entries.map((bytes) => hex(leafHash(nodeHasher, bytes)));
      expect(hashesIn(hasher.leafHashes(entries))).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('the root of a whole tile is that of the tree, and there is none of more or fewer leaves', () => {
  const leaves = hasher.leafHashes(Array.from({ length: TILE_WIDTH }, (_, at) => bytesOf(at)));
  const each = Array.from({ length: TILE_WIDTH }, (_, at) => leaves.subarray(32 * at, 32 * at + 32));
  const expected = edgeRoot(nodeHasher, appendLeaves(nodeHasher, emptyEdge, each));
  expect(hex(hasher.tileRoot(leaves))).toBe(hex(expected));
  expect(() => hasher.tileRoot(leaves.subarray(32))).toThrow(RangeError);
});

test('a hash that was given stays as it is when the next is made', () => {
  const first = hasher.sha256(utf8('first'));
  const before = hex(first);
  hasher.sha256(utf8('second'));
  const leaves = hasher.leafHashes(Array.from({ length: TILE_WIDTH }, (_, at) => bytesOf(at)));
  hasher.tileRoot(leaves);
  expect(hex(first)).toBe(before);
});
