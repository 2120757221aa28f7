import { base64 } from '../log/bytes.ts';
import { HASH_BYTES, type Hasher } from '../log/hasher.ts';
import { emptyRoot, nodeHash } from '../log/tree.ts';

/** How far back a statement may pin the log. */
export const REMEMBERED_SIZES = 65_536;

export interface RecentRoots {
  append(leaf: Uint8Array): void;
  /** Base64 of the root the tree had at that size; undefined: never that large, or too long ago to be remembered. */
  rootAt(size: number): string | undefined;
}

/**
 * The newest hashes of each level of the tree, in rings of bytes: some 4 MB, however long the log. A root of an
 * earlier size is made of one hash of each level, and only when one is asked for.
 */
export function recentRoots(hasher: Hasher): RecentRoots {
  const levels: { readonly slots: number; readonly bytes: Uint8Array }[] = [];
  let size = 0;

  const at = (level: number, index: number): Uint8Array => {
    levels[level] ??= ringFor(level);
    const { slots, bytes } = levels[level];
    const from = (index % slots) * HASH_BYTES;
    return bytes.subarray(from, from + HASH_BYTES);
  };

  return {
    append(leaf) {
      let hash = leaf;
      let index = size++;
      at(0, index).set(hash);
      for (let level = 0; index % 2 === 1; level++) {
        hash = nodeHash(hasher, at(level, index - 1), hash);
        index = (index - 1) / 2;
        at(level + 1, index).set(hash);
      }
    },
    rootAt(past) {
      if (past < 0 || past > size || size - past >= REMEMBERED_SIZES) return undefined;
      let root: Uint8Array | undefined;
      // RFC 6962 §2.1: the perfect subtrees of that size, joined from the right.
      for (let level = 0, left = past; left > 0; level++, left = Math.floor(left / 2)) {
        if (left % 2 === 1)
          root = root === undefined ? at(level, left - 1) : nodeHash(hasher, at(level, left - 1), root);
      }
      return base64(root ?? emptyRoot(hasher));
    },
  };
}

/** One slot for each hash of that level that a remembered size can be made of. */
function ringFor(level: number) {
  const slots = Math.floor(REMEMBERED_SIZES / 2 ** level) + 2;
  return { slots, bytes: new Uint8Array(slots * HASH_BYTES) };
}
