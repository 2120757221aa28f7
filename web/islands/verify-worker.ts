import { type BatchHasher, createWasmHasher } from '../hashing/wasm-hasher.ts';
import { checkRange } from '../verify/check-range.ts';
import type { RangeRequest, VerifyNews, VerifyRequest } from '../verify/messages.ts';
import { verifyLog } from '../verify/verify-log.ts';

/**
 * Verifies the log, or, as a thread of itself, one range of it after the other. WebAssembly is compiled here and
 * nowhere else: this script's own answer allows it, the page's does not.
 */

let hasher: BatchHasher | undefined;
const tell = (news: VerifyNews): void => postMessage(news);
const why = (error: unknown): string => (error instanceof Error ? error.message : String(error));

addEventListener('message', ({ data }: MessageEvent<VerifyRequest | RangeRequest>) => {
  if (data.ask === 'verify') void verify(data);
  else void check(data);
});

async function verify(request: VerifyRequest): Promise<void> {
  try {
    const report = await verifyLog(request, (done, size) => tell({ tell: 'progress', done, size }));
    tell({ tell: 'report', report });
  } catch (error) {
    tell({ tell: 'failure', why: why(error) });
  }
}

async function check(request: RangeRequest): Promise<void> {
  const { first } = request;
  try {
    hasher ??= createWasmHasher(request.program);
    const answer = await checkRange(hasher, request);
    const moved = answer.tiles.flatMap(({ bytes, leafHashes }) => [bytes.buffer, leafHashes.buffer]);
    postMessage({ first, answer }, { transfer: moved });
  } catch (error) {
    postMessage({ first, failure: why(error) });
  }
}
