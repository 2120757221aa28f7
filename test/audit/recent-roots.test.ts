import { expect, test } from 'vitest';
import { REMEMBERED_SIZES, recentRoots } from '../../src/audit/recent-roots.ts';
import { base64, utf8 } from '../../src/log/bytes.ts';
import { appendLeaf, edgeRoot, emptyEdge, leafHash } from '../../src/log/tree.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

const leaves = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, at) => leafHash(nodeHasher, utf8(String(at))));

test('the root of every earlier size is the one the tree had', () => {
  const roots = recentRoots(nodeHasher);
  let edge = emptyEdge;
  const expected = [base64(edgeRoot(nodeHasher, edge))];
  for (const leaf of leaves(300)) {
    roots.append(leaf);
    edge = appendLeaf(nodeHasher, edge, leaf);
    expected.push(base64(edgeRoot(nodeHasher, edge)));
  }
  expect(expected.map((_, size) => roots.rootAt(size))).toEqual(expected);
});

test('a size never reached has no root', () => {
  const roots = recentRoots(nodeHasher);
  expect(roots.rootAt(1)).toBeUndefined();
  expect(roots.rootAt(-1)).toBeUndefined();
});

test('the oldest remembered size still has its root when the rings have been written over, and older ones have none', () => {
  const roots = recentRoots(nodeHasher);
  const leaf = leafHash(nodeHasher, utf8('a leaf'));
  const oldest = 12_345;
  let edge = emptyEdge;
  for (let size = 0; size < oldest + REMEMBERED_SIZES - 1; size++) {
    roots.append(leaf);
    if (size < oldest) edge = appendLeaf(nodeHasher, edge, leaf);
  }
  expect(roots.rootAt(oldest)).toBe(base64(edgeRoot(nodeHasher, edge)));
  expect(roots.rootAt(oldest - 1)).toBeUndefined();
});
