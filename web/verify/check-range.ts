import { concat } from '../../src/log/bytes.ts';
import { verifyRange } from '../../src/log/verify-range.ts';
import type { PackedEntries } from '../../src/platform/packed-entries.ts';
import type { BatchHasher } from '../hashing/wasm-hasher.ts';
import { entriesIn } from './entry-range.ts';
import { fetchRange } from './fetch-log.ts';
import type { RangeAnswer, RangeRequest } from './messages.ts';

/** Fetches one range of entries and checks it. A source that cannot be read rejects. */
export async function checkRange(
  hasher: BatchHasher,
  { first, options, wantsEntries }: RangeRequest,
): Promise<RangeAnswer> {
  const bytes = await fetchRange(first, options.count);
  const started = performance.now();
  const entries = [...entriesIn(bytes)];
  const leafHashes = hasher.leafHashes(entries);
  const result = verifyRange(hasher, entries, first, { ...options, leafHashes });
  const checkingMs = performance.now() - started;
  const isWanted = wantsEntries && result.fault === undefined;
  return { result, entries: isWanted ? packed(entries, leafHashes) : undefined, checkingMs };
}

/** With the hashes that were made already. */
const packed = (entries: readonly Uint8Array[], leafHashes: readonly Uint8Array[]): PackedEntries => ({
  bytes: Uint8Array.from(concat(...entries)),
  lengths: Uint32Array.from(entries, ({ length }) => length),
  leafHashes: Uint8Array.from(concat(...leafHashes)),
});
