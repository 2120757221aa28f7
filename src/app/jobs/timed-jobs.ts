import type { Broker } from '../broker.ts';
import { passTime, resumeRevocations } from '../grant/pass-time.ts';
import { sweepGrants } from '../grant/sweep-grants.ts';
import { type NewsParts, newsTeller } from '../news/tell-news.ts';
import type { GoOn, Job } from './job.ts';

const OFTEN_MS = 1_000;
const SELDOM_MS = 60_000;

/**
 * Everything that is done because time passes. Reading is right without any of it. Each is a job of its own, so that a
 * provider, a ticket's source or a mail server that does not answer holds up nothing else.
 */
export const timedJobs = (broker: Broker, news: NewsParts): readonly Job[] => [
  withoutMemory('pass-time', OFTEN_MS, () => passTime(broker)),
  withoutMemory('resume-revocations', SELDOM_MS, (goOn) => resumeRevocations(broker, goOn)),
  withoutMemory('sweep-grants', SELDOM_MS, (goOn) => sweepGrants(broker, goOn)),
  withoutMemory('forget-expired', SELDOM_MS, () => broker.store.secrets.deleteExpired(broker.clock.nowMs())),
  { name: 'tell-news', pauseMs: OFTEN_MS, begin: () => newsTeller(broker, news) },
];

const withoutMemory = (name: string, pauseMs: number, work: (goOn: GoOn) => Promise<unknown>): Job => ({
  name,
  pauseMs,
  begin: () => ({
    async round(goOn) {
      await work(goOn);
    },
    stop: async () => undefined,
  }),
});
