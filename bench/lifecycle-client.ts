import type { Round } from './lifecycle.ts';
import { call, codeOf, type Place, type Subject } from './lifecycle-people.ts';

/** The callers of bench/lifecycle.ts, in a process of their own: what they spend on proofs is not the broker's time. */
interface Begin {
  readonly url: string;
  /** Where the brokers really are, when there are several of them; each lifecycle keeps to one. */
  readonly urls?: readonly string[];
  readonly people: Subject[];
}

let begin: Begin | undefined;

process.on('message', (message: Begin | Round) => {
  if ('people' in message) {
    begin = message;
    process.send?.(0);
    return;
  }
  if (begin !== undefined) void round(begin, message).then((milliseconds) => process.send?.(milliseconds));
});

/** Each person asks once, and reviews what the one before them asked. Milliseconds for all of it. */
async function round(
  { url, urls = [url], people }: Begin,
  { aheadMs, perSecond, beside }: Round,
): Promise<number> {
  const clock = { nowMs: () => Date.now() + aheadMs };
  const places = urls.map((reachedAt): Place => ({ url, reachedAt, clock }));
  const start = performance.now();
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let mine = next++; mine < people.length; mine = next++) {
      if (perSecond > 0) await until(start + (mine * 1000) / perSecond);
      const at = places[mine % places.length] ?? { url, clock };
      await lifecycle(at, people[mine], people[(mine + 1) % people.length]);
    }
  };
  // Paced, a slow answer must not hold back those that come after it.
  const callers = perSecond > 0 ? people.length : beside;
  await Promise.all(Array.from({ length: callers }, caller));
  return performance.now() - start;
}

const until = (moment: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - performance.now())));

async function lifecycle(
  at: Place,
  requester: Subject | undefined,
  reviewer: Subject | undefined,
): Promise<void> {
  if (requester === undefined || reviewer === undefined) throw new Error('there are too few people');
  const ask = { entitlement: 'look', duration_seconds: 600, justification: 'A bench' };
  const { request } = await call<{ request: string }>(at, requester, '/v1/requests', ask);
  const path = `/v1/requests/${request}`;
  const { statement } = await call<{ statement: unknown }>(at, reviewer, `${path}/statements`, {
    verdict: 'approve',
  });
  const body = { statement, totp: codeOf(reviewer, at.clock.nowMs()) };
  const { grants } = await call<{ grants: { grant: string }[] }>(at, reviewer, `${path}/reviews`, body);
  await call(at, requester, `/v1/grants/${grants[0]?.grant}/sessions`, {});
}
