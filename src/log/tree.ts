import { concat } from './bytes.ts';
import type { Hasher } from './hasher.ts';
import { HASH_BYTES } from './hasher.ts';

/**
 * The right edge of a Merkle tree: the roots of its perfect subtrees, largest (leftmost) first. There is one
 * for each bit that is set in `size`, so at most 53. Enough to append and to know the root, without any tile.
 */
export interface Edge {
  readonly size: number;
  readonly hashes: readonly Uint8Array[];
}

export const emptyEdge: Edge = { size: 0, hashes: [] };

// Messages are put together in memory that is used again: a hasher is synchronous and keeps nothing.
const leafMessage = new Uint8Array(1 + 65_535);
const nodeMessage = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES));

/** RFC 6962 §2.1: SHA-256(00 ‖ entry bytes). Throws RangeError beyond the 65,535 bytes that an entry may have. */
export function leafHash(hasher: Hasher, bytes: Uint8Array): Uint8Array {
  leafMessage.set(bytes, 1);
  return hasher.sha256(leafMessage.subarray(0, bytes.length + 1));
}

/** RFC 6962 §2.1: SHA-256(01 ‖ left ‖ right). Throws RangeError unless both are 32 bytes. */
export function nodeHash(hasher: Hasher, left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) {
    throw new RangeError('a node has two hashes of 32 bytes');
  }
  nodeMessage.set(left, 1);
  nodeMessage.set(right, 1 + HASH_BYTES);
  return hasher.sha256(nodeMessage);
}

/** The root of the tree without entries: SHA-256 of nothing. */
export function emptyRoot(hasher: Hasher): Uint8Array {
  return hasher.sha256(new Uint8Array(0));
}

/** The edge with one more leaf; the given one stays as it was. */
export function appendLeaf(hasher: Hasher, edge: Edge, leaf: Uint8Array): Edge {
  return appendLeaves(hasher, edge, [leaf]);
}

/**
 * The edge with more leaves, in order; about one node hash a leaf. `onSubtree` is told of each perfect subtree
 * of two or more leaves as it is completed: its height, and its index among the subtrees of that height.
 */
export function appendLeaves(
  hasher: Hasher,
  edge: Edge,
  leaves: Iterable<Uint8Array>,
  onSubtree?: (height: number, index: number, hash: Uint8Array) => void,
): Edge {
  const hashes = [...edge.hashes];
  let size = edge.size;
  for (const leaf of leaves) {
    let hash = leaf;
    let index = size;
    for (let height = 1; index % 2 === 1; height++) {
      const left = hashes.pop();
      if (left === undefined) throw new RangeError('edge has fewer hashes than its size demands');
      hash = nodeHash(hasher, left, hash);
      index = (index - 1) / 2;
      onSubtree?.(height, index, hash);
    }
    hashes.push(hash);
    size++;
  }
  return { size, hashes };
}

/**
 * The edge with a whole perfect subtree of 2^height leaves put to its right. Throws RangeError unless `size`
 * is a multiple of 2^height.
 */
export function appendSubtree(hasher: Hasher, edge: Edge, height: number, root: Uint8Array): Edge {
  const leaves = 2 ** height;
  if (edge.size % leaves !== 0) throw new RangeError('subtree does not fit the edge');
  const above = appendLeaf(hasher, { size: edge.size / leaves, hashes: edge.hashes }, root);
  return { size: edge.size + leaves, hashes: above.hashes };
}

/** The root of the tree that has this edge. */
export function edgeRoot(hasher: Hasher, edge: Edge): Uint8Array {
  let root = edge.hashes.at(-1);
  if (root === undefined) return emptyRoot(hasher);
  for (let at = edge.hashes.length - 2; at >= 0; at--) {
    const left = edge.hashes[at];
    if (left !== undefined) root = nodeHash(hasher, left, root);
  }
  return root;
}

/** The hashes one after the other, 32 bytes each; the size is kept beside them. */
export function encodeEdge(edge: Edge): Uint8Array {
  return concat(...edge.hashes);
}

/** Inverse of `encodeEdge`. Throws RangeError when the number of hashes is not what the size demands. */
export function decodeEdge(size: number, bytes: Uint8Array): Edge {
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError('tree size is not a whole number');
  if (bytes.length !== HASH_BYTES * countOnes(size)) throw new RangeError('edge does not fit the tree size');
  const hashes: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += HASH_BYTES) hashes.push(bytes.slice(at, at + HASH_BYTES));
  return { size, hashes };
}

/** Largest power of two strictly below n, for n ≥ 2: where RFC 6962 splits a tree. Safe up to 2^53. */
export function splitPoint(n: number): number {
  let power = 1;
  while (power * 2 < n) power *= 2;
  return power;
}

function countOnes(size: number): number {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
}
