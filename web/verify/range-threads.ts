import type { RangeTask } from '../../src/log/verify.ts';
import { rangesOfSize } from '../../src/log/verify-range.ts';
import type { RangeAnswer, RangeRequest } from './messages.ts';
import { startWorker } from './start-worker.ts';

// Ranges a thread has waiting, so that the next one's bytes come while this one is checked.
const QUEUED_RANGES = 2;

export interface RangeThreads {
  /** The answers in the order of the log, with a bounded number under way. */
  check(task: RangeTask, shared: Pick<RangeRequest, 'program' | 'wantsEntries'>): AsyncGenerator<RangeAnswer>;
  /** The longest that one of them was busy checking. */
  busiestMs(): number;
  stop(): void;
}

/** More threads of this very script, each checking one range after the other. */
export function startRangeThreads(script: string, count: number): RangeThreads {
  const threads = Array.from({ length: count }, () => startRangeThread(script));
  async function* check(
    { size, ...rules }: RangeTask,
    shared: Pick<RangeRequest, 'program' | 'wantsEntries'>,
  ): AsyncGenerator<RangeAnswer> {
    const underWay: Promise<RangeAnswer>[] = [];
    for (const range of rangesOfSize(size)) {
      // Not in turn: one may have had a range of long entries.
      const [thread] = threads.toSorted((a, b) => a.waiting() - b.waiting());
      if (thread === undefined) throw new RangeError('no thread');
      const options = { ...rules, count: range.count };
      const answer = thread.check({ ask: 'range', ...shared, first: range.first, options });
      // A later range may fail while an earlier one is awaited; its failure is met when its turn comes.
      answer.catch(() => undefined);
      underWay.push(answer);
      const oldest = underWay.length > threads.length * QUEUED_RANGES ? underWay.shift() : undefined;
      if (oldest !== undefined) yield await oldest;
    }
    for (const answer of underWay) yield await answer;
  }
  return {
    check,
    busiestMs: () => Math.max(0, ...threads.map((thread) => thread.busyMs())),
    stop: () => {
      for (const thread of threads) thread.stop();
    },
  };
}

type Told = { readonly first: number } & ({ readonly answer: RangeAnswer } | { readonly failure: string });

function startRangeThread(script: string) {
  const worker = startWorker(script);
  const waiting = new Map<number, PromiseWithResolvers<RangeAnswer>>();
  let busyMs = 0;
  worker.addEventListener('message', ({ data }: MessageEvent<Told>) => {
    const one = waiting.get(data.first);
    waiting.delete(data.first);
    if ('failure' in data) return one?.reject(new Error(data.failure));
    busyMs += data.answer.checkingMs;
    one?.resolve(data.answer);
  });
  worker.addEventListener('error', () => {
    for (const one of waiting.values()) one.reject(new Error('A verifying thread stopped.'));
    waiting.clear();
  });
  return {
    busyMs: () => busyMs,
    waiting: () => waiting.size,
    stop: () => worker.terminate(),
    check(request: RangeRequest): Promise<RangeAnswer> {
      const one = Promise.withResolvers<RangeAnswer>();
      waiting.set(request.first, one);
      worker.postMessage(request);
      return one.promise;
    },
  };
}
