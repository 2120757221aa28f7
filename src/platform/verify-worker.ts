import { parentPort, workerData } from 'node:worker_threads';
import type { RangeOptions, RangeResult } from '../log/verify-range.ts';
import { verifyRange } from '../log/verify-range.ts';
import { nodeHasher } from './node-hasher.ts';
import type { PackedEntries } from './packed-entries.ts';
import { buffersOf, packEntries } from './packed-entries.ts';
import type { VerifySource } from './verify-source.ts';
import { openVerifySource } from './verify-source.ts';

/** What the driver asks of a worker, one range at a time. */
export interface RangeRequest {
  readonly first: number;
  readonly options: Omit<RangeOptions, 'leafTile'>;
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
  const kept: Uint8Array[] = [];
  const read = source.entries(first, first + options.count);
  const entries = wantsEntries ? keepingIn(kept, read) : read;
  const leafTile = (n: number, width: number): Uint8Array | undefined => source.tile(0, n, width);
  const result = verifyRange(nodeHasher, entries, first, { ...options, leafTile });
  const isWanted = wantsEntries && result.fault === undefined;
  const answer: RangeAnswer = { result, entries: isWanted ? packEntries(nodeHasher, kept) : undefined };
  parentPort?.postMessage(answer, answer.entries === undefined ? [] : buffersOf(answer.entries));
});

/** Read one by one: what is wrong with an entry is found before the source may fail over those behind it. */
function* keepingIn(kept: Uint8Array[], entries: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const entry of entries) {
    kept.push(entry);
    yield entry;
  }
}
