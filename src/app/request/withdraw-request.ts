import type { Actor } from '../../domain/actor.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import { decideWithdraw } from '../../domain/request/withdraw.ts';
import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import { commandOf } from '../prepared.ts';

/** The requester takes an undecided request back. */
export function withdrawRequest(
  broker: Broker,
  actor: Actor,
  request: RequestId,
): Promise<readonly number[]> {
  const stream = streams.request(request);
  return broker.sequencer.submit(
    commandOf<readonly number[]>({
      actor,
      streams: [stream],
      factsAtMs: null,
      idempotency: undefined,
      about: undefined,
      judge(view, nowMs) {
        const state = view.state(requestFold, stream);
        if (state.person !== actor.person) throw notFound('request');
        return decideWithdraw({ state, nowMs });
      },
      result: ({ entries }) => entries.map(({ seq }) => seq),
    }),
  );
}
