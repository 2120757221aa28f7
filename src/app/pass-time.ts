import { type GrantId, type RequestId, type StreamId, streams } from '../domain/ids.ts';
import { requestFold } from '../domain/request/evolve.ts';
import { decidePassTime } from '../domain/request/pass-time.ts';
import type { Broker } from './broker.ts';
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
export async function resumeRevocations(broker: Broker): Promise<void> {
  const rows = await broker.store.rows({ table: 'grants', where: { open: 2 }, limit: AT_ONCE });
  for (const row of rows) {
    const request = String(row['request']) as RequestId;
    const grant = String(row['key']) as GrantId;
    const state = (await broker.sequencer.read([streams.request(request)])).state(
      requestFold,
      streams.request(request),
    );
    if (state.grants[grant] !== undefined) await revokeAtProvider(broker, request, grant);
  }
}
