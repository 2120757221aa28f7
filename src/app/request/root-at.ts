import type { Hasher } from '../../log/hasher.ts';
import { tileEdgeFrom } from '../../log/tile.ts';
import { edgeRoot } from '../../log/tree.ts';
import type { Store } from '../store.ts';

const HASH_BYTES = 32;

/** The log's root when it had this size; undefined when it never had. Costs a tile a level. */
export async function rootAt(store: Store, hasher: Hasher, size: number): Promise<Uint8Array | undefined> {
  const head = await store.head();
  if (head === undefined || size > head.size || size < 0) return undefined;
  const edge = await tileEdgeFrom(hasher, size, async (level, n, width) => {
    const hashes = await store.tile(level, n);
    if (hashes === undefined) throw new Error(`tile ${level}/${n} is missing`);
    return hashes.subarray(0, width * HASH_BYTES);
  });
  return edgeRoot(hasher, edge);
}
