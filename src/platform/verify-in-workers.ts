import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { LogVerdicts, RangeTask, VerifyInput } from '../log/verify.ts';
import { verifyLogBy } from '../log/verify.ts';
import type { RangeResult } from '../log/verify-range.ts';
import { RANGE_ENTRIES, rangesOfSize } from '../log/verify-range.ts';
import type { PackedEntries } from './packed-entries.ts';
import type { VerifySource } from './verify-source.ts';
import { openVerifySource } from './verify-source.ts';
import type { RangeAnswer, RangeRequest } from './verify-worker.ts';

const MAX_WORKERS = 16;
// Ranges a worker has waiting, so that it never idles while an answer is under way.
const QUEUED_RANGES = 2;

export interface VerifyInWorkersInput extends Omit<VerifyInput, 'findTile'> {
  readonly source: VerifySource;
  /** Defaults to the number of cores. */
  readonly workers?: number;
  /**
   * Given the entries, range by range and in order, as soon as they are found good and joined to those before; workers
   * go on meanwhile. That the whole fits the signed root shows only at the end.
   */
  readonly take?: (entries: PackedEntries) => Promise<void>;
}

/**
 * Checks a log over several cores. The answer is the same as `verifyLog` gives on one. A source that cannot be read
 * rejects.
 */
export async function verifyInWorkers(input: VerifyInWorkersInput): Promise<LogVerdicts> {
  const wanted = input.workers ?? availableParallelism();
  const here = openVerifySource(input.source);
  try {
    return await verifyLogBy({ ...input, findTile: here.tile }, (task) =>
      checkRangesInWorkers(input, task, wanted),
    );
  } finally {
    here.close();
  }
}

async function* checkRangesInWorkers(
  { source, take }: Pick<VerifyInWorkersInput, 'source' | 'take'>,
  task: RangeTask,
  wanted: number,
): AsyncGenerator<RangeResult> {
  const useful = Math.ceil(task.size / RANGE_ENTRIES);
  const count = Math.max(1, Math.min(wanted, useful, MAX_WORKERS));
  const workers = Array.from({ length: useful === 0 ? 0 : count }, () => startWorker(source));
  try {
    for await (const { result, entries } of inOrder(workers, task, take !== undefined)) {
      yield result;
      // Whoever joins the ranges asks for the next one only when this one fits those before.
      if (entries !== undefined) await take?.(entries);
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

/** Deals the ranges out in turn and gives the answers back in order, with a bounded number under way. */
async function* inOrder(
  workers: readonly RangeWorker[],
  task: RangeTask,
  wantsEntries: boolean,
): AsyncGenerator<RangeAnswer> {
  const { size: _size, ...shared } = task;
  const underWay: Promise<RangeAnswer>[] = [];
  let next = 0;
  for (const { first, count } of rangesOfSize(task.size)) {
    const worker = workers[next++ % workers.length];
    if (worker === undefined) throw new RangeError('no worker');
    const answer = worker.check({ first, options: { ...shared, count }, wantsEntries });
    // A later range may fail while an earlier one is awaited; its failure is met when its turn comes.
    answer.catch(() => undefined);
    underWay.push(answer);
    const oldest = underWay.length > workers.length * QUEUED_RANGES ? underWay.shift() : undefined;
    if (oldest !== undefined) yield await oldest;
  }
  for (const answer of underWay) yield await answer;
}

interface RangeWorker {
  check(request: RangeRequest): Promise<RangeAnswer>;
  stop(): Promise<unknown>;
}

function startWorker(source: VerifySource): RangeWorker {
  // Compiled code stands beside a compiled worker; under a test runner both are still TypeScript.
  const file = import.meta.url.endsWith('.ts') ? './verify-worker.ts' : './verify-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: source });
  const waiting: { resolve: (answer: RangeAnswer) => void; reject: (error: unknown) => void }[] = [];
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    for (const one of waiting.splice(0)) one.reject(failure);
  };
  worker.on('message', (answer: RangeAnswer) => waiting.shift()?.resolve(answer));
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
