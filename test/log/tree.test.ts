import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, fromHex, hex } from '../../src/log/bytes.ts';
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from '../../src/log/proof.ts';
import {
  appendLeaf,
  appendLeaves,
  appendSubtree,
  decodeEdge,
  edgeRoot,
  emptyEdge,
  emptyRoot,
  encodeEdge,
  leafHash,
  nodeHash,
} from '../../src/log/tree.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

const inputs = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const MOST = 66;
const blobs = Array.from({ length: MOST }, (_, at) => Buffer.from(`leaf ${at}`));
const leaves = blobs.map((blob) => leafHash(nodeHasher, blob));

// RFC 6962 §2.1 word for word, on Node's own hash: shares no code with what is tested.
function naiveRoot(items: readonly Uint8Array[]): Buffer {
  const sha256 = (...parts: Uint8Array[]): Buffer =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  const [only] = items;
  if (only === undefined) return sha256();
  if (items.length === 1) return sha256(Buffer.of(0), only);
  let k = 1;
  while (2 * k < items.length) k *= 2;
  return sha256(Buffer.of(1), naiveRoot(items.slice(0, k)), naiveRoot(items.slice(k)));
}

function readHash(level: number, index: number): Uint8Array {
  return naiveRoot(blobs.slice(index * 2 ** level, (index + 1) * 2 ** level));
}

function rejection(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error instanceof Error && 'reason' in error ? error.reason : error;
  }
  return undefined;
}

test.each([
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('the first %i published leaves make the published root', (size, root) => {
  const hashes = inputs.slice(0, size).map((input) => leafHash(nodeHasher, fromHex(input)));
  expect(hex(edgeRoot(nodeHasher, appendLeaves(nodeHasher, emptyEdge, hashes)))).toBe(root);
});

test('the empty tree has the hash of nothing as its root', () => {
  const root = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  expect(hex(emptyRoot(nodeHasher))).toBe(root);
  expect(hex(edgeRoot(nodeHasher, emptyEdge))).toBe(root);
});

test('leaves appended one by one, at once, or as subtrees make the root of the definition', () => {
  let edge = emptyEdge;
  for (let size = 1; size <= MOST; size++) {
    edge = appendLeaf(nodeHasher, edge, leaves[size - 1] ?? new Uint8Array());
    expect(edge.size).toBe(size);
    expect(hex(edgeRoot(nodeHasher, edge))).toBe(naiveRoot(blobs.slice(0, size)).toString('hex'));
    expect(appendLeaves(nodeHasher, emptyEdge, leaves.slice(0, size))).toEqual(edge);
    expect(decodeEdge(size, encodeEdge(edge))).toEqual(edge);
  }
  const eight = appendLeaves(nodeHasher, emptyEdge, leaves.slice(0, 8));
  const grown = appendSubtree(nodeHasher, eight, 2, new Uint8Array(readHash(2, 2)));
  expect(grown).toEqual(appendLeaves(nodeHasher, emptyEdge, leaves.slice(0, 12)));
});

test('an edge is not changed by appending to it', () => {
  const edge = appendLeaves(nodeHasher, emptyEdge, leaves.slice(0, 5));
  const before = hex(encodeEdge(edge));
  appendLeaves(nodeHasher, edge, leaves.slice(5, 9));
  expect(hex(encodeEdge(edge))).toBe(before);
});

test('an edge with a hash too few or too many for its size, or a subtree that does not fit, is refused', () => {
  expect(() => decodeEdge(3, new Uint8Array(32))).toThrow(RangeError);
  expect(() => decodeEdge(4, new Uint8Array(64))).toThrow(RangeError);
  expect(() => decodeEdge(-1, new Uint8Array(0))).toThrow(RangeError);
  const three = appendLeaves(nodeHasher, emptyEdge, leaves.slice(0, 3));
  expect(() => appendSubtree(nodeHasher, three, 1, leaves[0] ?? new Uint8Array())).toThrow(RangeError);
  expect(() => appendLeaf(nodeHasher, { size: 1, hashes: [] }, leaves[0] ?? new Uint8Array())).toThrow(
    RangeError,
  );
});

test('a leaf of 64 bytes that reads as two hashes is not taken for their node', () => {
  const [left, right] = [leaves[0], leaves[1]];
  if (left === undefined || right === undefined) throw new Error('no leaves');
  expect(hex(leafHash(nodeHasher, concat(left, right)))).not.toBe(hex(nodeHash(nodeHasher, left, right)));
  expect(() => nodeHash(nodeHasher, left, right.slice(1))).toThrow(RangeError);
  expect(() => nodeHash(nodeHasher, concat(left, right), right)).toThrow(RangeError);
});

test('every inclusion proof of every size up to 66 passes, and fails when a hash is added, dropped, swapped or changed', async () => {
  for (let size = 1; size <= MOST; size++) {
    const root = naiveRoot(blobs.slice(0, size));
    for (let index = 0; index < size; index++) {
      const proof = await inclusionProof(nodeHasher, index, size, readHash);
      const claim = { leafHash: leaves[index] ?? new Uint8Array(), index, size, root, proof };
      expect(rejection(() => verifyInclusion(nodeHasher, claim))).toBeUndefined();
      const tried = (more: object): unknown =>
        rejection(() => verifyInclusion(nodeHasher, { ...claim, ...more }));
      expect(tried({ proof: [...proof, root] })).toBe('extra-hashes');
      if (proof.length > 0) expect(tried({ proof: proof.slice(0, -1) })).toBe('missing-hashes');
      if (proof.length > 1)
        expect(tried({ proof: [proof[1], proof[0], ...proof.slice(2)] })).toBe('root-differs');
      if (size > 1) expect(tried({ index: (index + 1) % size })).toMatch(/-differs|-hashes/);
      expect(tried({ leafHash: root.subarray().map((byte) => byte ^ 1) })).toBe('root-differs');
    }
  }
});

test('an index at or beyond the size, negative or broken is refused in making and in checking', async () => {
  const claim = { leafHash: new Uint8Array(32), size: 3, root: new Uint8Array(32), proof: [] };
  for (const index of [3, 4, -1, 0.5, Number.NaN, 2 ** 53]) {
    expect(rejection(() => verifyInclusion(nodeHasher, { ...claim, index }))).toBe('index-outside-tree');
    await expect(inclusionProof(nodeHasher, index, 3, readHash)).rejects.toMatchObject({
      reason: 'index-outside-tree',
    });
  }
  expect(rejection(() => verifyInclusion(nodeHasher, { ...claim, index: 0, size: 2 ** 53 }))).toBe(
    'bad-size',
  );
  expect(rejection(() => verifyInclusion(nodeHasher, { ...claim, index: 0, size: 0 }))).toBe(
    'index-outside-tree',
  );
});

test('a hash that has not 32 bytes is refused by name', () => {
  const claim = {
    leafHash: new Uint8Array(32),
    index: 0,
    size: 2,
    root: new Uint8Array(32),
    proof: [new Uint8Array(31)],
  };
  expect(rejection(() => verifyInclusion(nodeHasher, claim))).toBe('bad-hash-length');
  expect(rejection(() => verifyInclusion(nodeHasher, { ...claim, root: new Uint8Array(33) }))).toBe(
    'bad-hash-length',
  );
  const consistency = { oldSize: 1, oldRoot: new Uint8Array(32), newSize: 2, newRoot: new Uint8Array(32) };
  expect(
    rejection(() => verifyConsistency(nodeHasher, { ...consistency, proof: [new Uint8Array(64)] })),
  ).toBe('bad-hash-length');
});

test('every consistency proof of sizes up to 66 passes, and fails when a hash is added, dropped or swapped, or a root is another', async () => {
  for (let newSize = 0; newSize <= MOST; newSize++) {
    const newRoot = naiveRoot(blobs.slice(0, newSize));
    for (let oldSize = 0; oldSize <= newSize; oldSize++) {
      const oldRoot = naiveRoot(blobs.slice(0, oldSize));
      const proof = await consistencyProof(nodeHasher, oldSize, newSize, readHash);
      const claim = { oldSize, oldRoot, newSize, newRoot, proof };
      expect(rejection(() => verifyConsistency(nodeHasher, claim))).toBeUndefined();
      const tried = (more: object): unknown =>
        rejection(() => verifyConsistency(nodeHasher, { ...claim, ...more }));
      const other = naiveRoot([Buffer.from('other')]);
      expect(tried({ oldRoot: other })).toMatch(/root-differs/);
      if (oldSize > 0) expect(tried({ newRoot: other })).toMatch(/root-differs/);
      expect(tried({ proof: [...proof, other] })).toMatch(/extra-hashes/);
      if (proof.length > 0) expect(tried({ proof: proof.slice(0, -1) })).toBe('missing-hashes');
      if (proof.length > 1)
        expect(tried({ proof: [proof[1], proof[0], ...proof.slice(2)] })).toMatch(/root-differs/);
    }
  }
});

test('a consistency proof back to a larger tree is refused', async () => {
  const claim = {
    oldSize: 3,
    oldRoot: new Uint8Array(32),
    newSize: 2,
    newRoot: new Uint8Array(32),
    proof: [],
  };
  expect(rejection(() => verifyConsistency(nodeHasher, claim))).toBe('sizes-out-of-order');
  expect(rejection(() => verifyConsistency(nodeHasher, { ...claim, oldSize: -1 }))).toBe('bad-size');
  expect(rejection(() => verifyConsistency(nodeHasher, { ...claim, newSize: 2 ** 53 }))).toBe('bad-size');
  await expect(consistencyProof(nodeHasher, 3, 2, readHash)).rejects.toMatchObject({
    reason: 'sizes-out-of-order',
  });
});

test('a proof whose bits were flipped anywhere is refused', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 2, max: MOST }),
      fc.nat(),
      fc.nat(),
      fc.nat(7),
      async (size, a, b, bit) => {
        const index = a % size;
        const proof = await inclusionProof(nodeHasher, index, size, readHash);
        const changed = proof.map((hash) => Uint8Array.from(hash));
        const hash = changed[b % changed.length];
        if (hash === undefined) return;
        hash[a % 32] = (hash[a % 32] ?? 0) ^ (1 << bit);
        const root = naiveRoot(blobs.slice(0, size));
        const claim = { leafHash: leaves[index] ?? new Uint8Array(), index, size, root, proof: changed };
        expect(rejection(() => verifyInclusion(nodeHasher, claim))).toBe('root-differs');
      },
    ),
  );
});
