import { type GrantId, type RequestId, type StreamId, streams } from '../../domain/ids.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import { decidePassTime } from '../../domain/request/pass-time.ts';
import type { Broker } from '../broker.ts';
import { everyRow } from '../every-row.ts';
import type { GoOn } from '../jobs/job.ts';
import { brokerItself, revokeAtProvider } from './revoke-at-provider.ts';

const AT_ONCE = 200;

/**
 * Writes what time has done to every stream that is due, and tries again what a provider had not confirmed. Safe to
 * run anywhere, any number of times: the decision is taken against what stands.
 */
export async function passTime(broker: Broker): Promise<number> {
  const due = await broker.store.due(broker.clock.nowMs(), AT_ONCE);
  const requests = due.map(({ stream }) => stream).filter((stream) => stream.startsWith('request/'));
  await Promise.all(requests.map((stream) => passTimeOf(broker, stream)));
  return requests.length;
}

async function passTimeOf(broker: Broker, stream: StreamId): Promise<void> {
  await broker.sequencer.submit({
    by: brokerItself(broker),
    streams: [stream],
    factsAtMs: null,
    decide: (view, nowMs) => ({
      events: decidePassTime(view.state(requestFold, stream), nowMs).events,
      result: () => undefined,
    }),
  });
}

/** After a crash between a revocation's entry and its call: every grant that is over but not confirmed is tried again. */
export async function resumeRevocations(broker: Broker, goOn: GoOn = async () => true): Promise<void> {
  const requests = new Set<RequestId>();
  for await (const row of everyRow(broker, { table: 'grants', where: { open: 2 } }))
    requests.add(String(row['request']) as RequestId);
  for (const request of requests) {
    if (!(await goOn())) return;
    const stream = streams.request(request);
    const { grants } = (await broker.sequencer.read([stream])).state(requestFold, stream);
    for (const grant of Object.keys(grants) as GrantId[]) await revokeAtProvider(broker, request, grant);
  }
}
