import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { LogVerdicts, RangeTask, VerifyInput } from '../log/verify.ts';
import { verifyLogBy } from '../log/verify.ts';
import type { RangeResult } from '../log/verify-range.ts';
import { RANGE_ENTRIES, rangesOfSize } from '../log/verify-range.ts';
import type { VerifySource } from './verify-source.ts';
import { openVerifySource } from './verify-source.ts';
import type { RangeRequest } from './verify-worker.ts';

const MAX_WORKERS = 16;
// Ranges a worker has waiting, so that it never idles while an answer is under way.
const QUEUED_RANGES = 2;

/**
 * Checks a log over several cores. The answer is the same as `verifyLog` gives on one. A source that cannot be read
 * rejects. `workers` defaults to the number of cores.
 */
export async function verifyInWorkers(
  input: Omit<VerifyInput, 'findTile'> & { readonly source: VerifySource; readonly workers?: number },
): Promise<LogVerdicts> {
  const wanted = input.workers ?? availableParallelism();
  const here = openVerifySource(input.source);
  try {
    return await verifyLogBy({ ...input, findTile: here.tile }, (task) =>
      checkRangesInWorkers(input.source, task, wanted),
    );
  } finally {
    here.close();
  }
}

async function* checkRangesInWorkers(
  source: VerifySource,
  task: RangeTask,
  wanted: number,
): AsyncGenerator<RangeResult> {
  const useful = Math.ceil(task.size / RANGE_ENTRIES);
  const count = Math.max(1, Math.min(wanted, useful, MAX_WORKERS));
  const workers = Array.from({ length: useful === 0 ? 0 : count }, () => startWorker(source));
  try {
    yield* inOrder(workers, task);
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** Deals the ranges out in turn and gives the answers back in order, with a bounded number under way. */
async function* inOrder(workers: readonly RangeWorker[], task: RangeTask): AsyncGenerator<RangeResult> {
  const { size: _size, ...shared } = task;
  const underWay: Promise<RangeResult>[] = [];
  let next = 0;
  for (const { first, count } of rangesOfSize(task.size)) {
    const worker = workers[next++ % workers.length];
    if (worker === undefined) throw new RangeError('no worker');
    const result = worker.check({ first, options: { ...shared, count } });
    // A later range may fail while an earlier one is awaited; its failure is met when its turn comes.
    result.catch(() => undefined);
    underWay.push(result);
    const oldest = underWay.length > workers.length * QUEUED_RANGES ? underWay.shift() : undefined;
    if (oldest !== undefined) yield await oldest;
  }
  for (const result of underWay) yield await result;
}

interface RangeWorker {
  check(request: RangeRequest): Promise<RangeResult>;
  stop(): Promise<unknown>;
}

function startWorker(source: VerifySource): RangeWorker {
  // Compiled code stands beside a compiled worker; under a test runner both are still TypeScript.
  const file = import.meta.url.endsWith('.ts') ? './verify-worker.ts' : './verify-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: source });
  const waiting: { resolve: (result: RangeResult) => void; reject: (error: unknown) => void }[] = [];
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    for (const one of waiting.splice(0)) one.reject(failure);
  };
  worker.on('message', (result: RangeResult) => waiting.shift()?.resolve(result));
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`a verifying worker stopped with code ${code}`)));
  return {
    check: (request) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        waiting.push({ resolve, reject });
        worker.postMessage(request);
      }),
    stop: () => worker.terminate(),
  };
}
