import type { Actor } from '../../domain/actor.ts';
import { type GrantId, streams } from '../../domain/ids.ts';
import { decideEnd, secondsLeft } from '../../domain/request/end.ts';
import type { Broker } from '../broker.ts';
import { commandOf } from '../prepared.ts';
import { grantIn, notFound, requestOfGrant } from './find-grant.ts';
import { revokeAtProvider } from './revoke-at-provider.ts';

/** The holder is done. What the cloud can end is ended now; what it cannot is said. */
export async function endGrant(
  broker: Broker,
  actor: Actor,
  grant: GrantId,
): Promise<{ readonly seconds_saved: number; readonly entries: readonly number[] }> {
  const request = await requestOfGrant(broker, grant);
  const stream = streams.request(request);
  let secondsSaved = 0;
  const ended = await broker.sequencer.submit(
    commandOf<readonly number[]>({
      actor,
      streams: [stream],
      factsAtMs: null,
      idempotency: undefined,
      about: undefined,
      judge(view, nowMs) {
        const found = grantIn(view, stream, grant);
        if (found.grant.person !== actor.person) throw notFound('grant');
        secondsSaved = secondsLeft(found.grant, nowMs);
        return decideEnd({ ...found, nowMs });
      },
      result: ({ entries }) => entries.map(({ seq }) => seq),
    }),
  );
  const confirmed = await revokeAtProvider(broker, request, grant);
  return { seconds_saved: secondsSaved, entries: [...ended, ...confirmed] };
}
