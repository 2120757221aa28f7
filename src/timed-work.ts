import type { Broker } from './app/broker.ts';
import { leasedJob } from './app/jobs/leased-job.ts';
import { type Repeated, repeatedly } from './app/jobs/repeatedly.ts';
import { timedJobs } from './app/jobs/timed-jobs.ts';
import { readOnlyTeller, toldInThisLife } from './app/news/tell-read-only.ts';
import { dataFiles } from './assemble.ts';
import type { Assembled } from './compose.ts';
import { keepCheckpointFile } from './platform/checkpoint-file.ts';

const EVERY_MS = 1_000;

/** What a running broker does by itself: its share of the jobs, and what each one does whoever else there is. */
export function timedWork({ broker, news }: Assembled, data: string): Repeated {
  const jobs = timedJobs(broker, news).map((job) => leasedJob(broker, job));
  const readOnly = readOnlyTeller(broker, news.notifiers, toldInThisLife());
  const repeated = [
    ...jobs.map((job) => repeatedly(job.step)),
    repeatedly(everySecond(broker, 'the newest checkpoint was not kept', keepingCheckpoint(broker, data))),
    repeatedly(everySecond(broker, 'nobody could be told of read-only', readOnly.look)),
  ];
  return {
    async stop() {
      readOnly.stop();
      // Jobs first: their timers wait for the steps that this ends.
      await Promise.all([...jobs, ...repeated].map((one) => one.stop()));
    },
  };
}

function everySecond(broker: Broker, failed: string, work: () => Promise<void>): () => Promise<number> {
  return async () => {
    await work().catch((error: unknown) => broker.report({ what: `${failed}; it is tried again`, error }));
    return EVERY_MS;
  };
}

/** Beside the database, which may be an old one the next time. A broker that is read-only keeps what it had. */
function keepingCheckpoint(broker: Broker, data: string): () => Promise<void> {
  let keptSize = 0;
  return async () => {
    if (!broker.sequencer.status().writable) return;
    const head = await broker.store.head();
    if (head === undefined || head.size <= keptSize) return;
    await keepCheckpointFile(dataFiles(data).checkpoint, head.checkpoint);
    keptSize = head.size;
  };
}
