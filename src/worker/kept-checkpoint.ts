import type { Broker } from '../app/broker.ts';
import type { LeasedJob } from '../app/jobs/leased-job.ts';
import { Failure } from '../domain/errors.ts';
import { fromUtf8, utf8 } from '../log/bytes.ts';
import type { Fetcher } from './bindings.ts';

const PLACE = 'https://checkpoints/';
const EVERY_MS = 1_000;

/** @returns undefined: none was kept yet @throws Failure `store-unavailable`: nobody can say how far the log had come */
export async function keptCheckpoint(keeper: Fetcher): Promise<Uint8Array | undefined> {
  const answer = await keeper.fetch(new Request(PLACE));
  if (answer.status === 404) return undefined;
  if (answer.ok) return utf8(await answer.text());
  throw new Failure('store-unavailable', 'The object that keeps the newest checkpoint does not answer.');
}

/** Beside the log, whose object may be set back. A broker that is read-only keeps what it had. */
export function keepingCheckpoint(
  { store, sequencer, report }: Pick<Broker, 'store' | 'sequencer' | 'report'>,
  keeper: Fetcher,
): LeasedJob {
  let keptSize = 0;
  async function keep(): Promise<void> {
    const head = await store.head();
    if (!sequencer.status().writable || head === undefined || head.size <= keptSize) return;
    const body = fromUtf8(head.checkpoint);
    const answer = await keeper.fetch(new Request(PLACE, { method: 'PUT', body }));
    if (!answer.ok) throw new Error(`it was answered ${answer.status}`);
    keptSize = head.size;
  }
  return {
    async step() {
      await keep().catch((error: unknown) =>
        report({ what: 'the newest checkpoint was not kept; it is tried again', error }),
      );
      return EVERY_MS;
    },
    stop: async () => undefined,
  };
}
