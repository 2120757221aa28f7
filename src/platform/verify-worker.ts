import { parentPort, workerData } from 'node:worker_threads';
import type { RangeOptions, RangeResult } from '../log/verify-range.ts';
import { verifyRange } from '../log/verify-range.ts';
import { nodeHasher } from './node-hasher.ts';
import type { HashedEntry, PackedEntries } from './packed-entries.ts';
import { buffersOf, packEntries } from './packed-entries.ts';
import type { VerifySource } from './verify-source.ts';
import { openVerifySource } from './verify-source.ts';

/** What the driver asks of a worker, one range at a time. */
export interface RangeRequest {
  readonly first: number;
  readonly options: Omit<RangeOptions, 'leafTile' | 'onGood'>;
  /** Whether somebody goes on with the entries once they are found good. */
  readonly wantsEntries: boolean;
}

export interface RangeAnswer {
  readonly result: RangeResult;
  /** The very bytes that were checked; undefined when nobody wants them, or one of them is at fault. */
  readonly entries: PackedEntries | undefined;
}

const source = openVerifySource(workerData as VerifySource); // what the driver put there

parentPort?.on('message', ({ first, options, wantsEntries }: RangeRequest) => {
  const good: HashedEntry[] = [];
  const keep = (bytes: Uint8Array, leafHash: Uint8Array): void => void good.push({ bytes, leafHash });
  const result = verifyRange(nodeHasher, source.entries(first, first + options.count), first, {
    ...options,
    leafTile: (n, width) => source.tile(0, n, width),
    ...(wantsEntries && { onGood: keep }),
  });
  const isWanted = wantsEntries && result.fault === undefined;
  const answer: RangeAnswer = { result, entries: isWanted ? packEntries(good) : undefined };
  parentPort?.postMessage(answer, answer.entries === undefined ? [] : buffersOf(answer.entries));
});
