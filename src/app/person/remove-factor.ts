import type { Actor } from '../../domain/actor.ts';
import { decideRemoveFactor } from '../../domain/person/remove-factor.ts';
import type { Broker } from '../broker.ts';
import { commandOf } from '../prepared.ts';
import type { SecretChange } from '../store.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  refusalStreams,
  refusalsState,
} from './factor.ts';

/** Removes one of several factors, by showing one. */
export async function removeFactor(
  broker: Broker,
  actor: Actor,
  factor: string,
  given: FactorGiven,
): Promise<readonly number[]> {
  const nowMs = broker.clock.nowMs();
  const shown = await checkFactor(broker, actor, given);
  const secrets: SecretChange[] = [
    { id: factor, person: actor.person, kind: 'totp-seed', value: null, expiresAtMs: null },
  ];
  const command = commandOf<readonly number[]>({
    actor,
    streams: [...factorStreams(actor.person, shown, nowMs), ...refusalStreams(actor.person, nowMs)],
    factsAtMs: nowMs,
    idempotency: undefined,
    about: undefined,
    judge(view, decidedAtMs) {
      const states = factorStates(view, actor.person, shown, decidedAtMs);
      const judged = decideRemoveFactor({
        actor,
        person: states.person,
        factorStates: states,
        remove: factor,
        shown,
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      });
      return judged.refusal === undefined ? { ...judged, secrets } : judged;
    },
    result: ({ entries }) => entries.map(({ seq }) => seq),
  });
  return broker.sequencer.submit(command);
}
