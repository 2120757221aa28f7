import type { Hasher } from '../../src/log/hasher.ts';
import { verifyRange } from '../../src/log/verify-range.ts';
import { type HashedEntry, packEntries } from '../../src/platform/packed-entries.ts';
import { entriesIn } from './entry-range.ts';
import { fetchRange } from './fetch-log.ts';
import type { RangeAnswer, RangeRequest } from './messages.ts';

/** Fetches one range of entries and checks it. A source that cannot be read rejects. */
export async function checkRange(
  hasher: Hasher,
  { first, options, wantsEntries }: RangeRequest,
): Promise<RangeAnswer> {
  const bytes = await fetchRange(first, options.count);
  const started = performance.now();
  const good: HashedEntry[] = [];
  const keep = (entry: Uint8Array, leafHash: Uint8Array): void => void good.push({ bytes: entry, leafHash });
  const result = verifyRange(hasher, entriesIn(bytes), first, {
    ...options,
    ...(wantsEntries && { onGood: keep }),
  });
  const checkingMs = performance.now() - started;
  const isWanted = wantsEntries && result.fault === undefined;
  const entries = isWanted ? packEntries(good) : undefined;
  return { result, entries, checkingMs };
}
