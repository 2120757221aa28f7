import { parentPort, workerData } from 'node:worker_threads';
import type { RangeOptions } from '../log/verify-range.ts';
import { verifyRange } from '../log/verify-range.ts';
import { nodeHasher } from './node-hasher.ts';
import type { VerifySource } from './verify-source.ts';
import { openVerifySource } from './verify-source.ts';

/** What the driver asks of a worker, one range at a time. */
export type RangeRequest = { readonly first: number; readonly options: Omit<RangeOptions, 'leafTile'> };

const source = openVerifySource(workerData as VerifySource); // what the driver put there

parentPort?.on('message', ({ first, options }: RangeRequest) => {
  const entries = source.entries(first, first + options.count);
  const leafTile = (n: number, width: number): Uint8Array | undefined => source.tile(0, n, width);
  parentPort?.postMessage(verifyRange(nodeHasher, entries, first, { ...options, leafTile }));
});
