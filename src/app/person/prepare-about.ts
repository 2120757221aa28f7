import type { Actor } from '../../domain/actor.ts';
import { type PersonId, streams } from '../../domain/ids.ts';
import { personFold } from '../../domain/person/state.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import { humansOf, requireInForce } from '../policy/policy-in-force.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  refusalStreams,
  refusalsState,
} from './factor.ts';

/**
 * What somebody does about another person, by showing a factor of their own, under the policy in force.
 * @param whoMatter beside the actor: whose leaving the decision has to know of
 */
export async function prepareAbout(
  broker: Broker,
  actor: Actor,
  about: PersonId,
  given: FactorGiven,
  whoMatter: readonly string[],
) {
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForceIfAny();
  const humans = humansOf(known);
  const people = [actor.person, ...whoMatter];
  const shown = await checkFactor(broker, actor, given);
  return {
    nowMs,
    known,
    command: {
      actor,
      streams: [
        'policy' as const,
        streams.person(about),
        ...leftStreams(humans, people),
        ...factorStreams(actor.person, shown, nowMs),
        ...refusalStreams(actor.person, nowMs),
      ],
      factsAtMs: nowMs,
      idempotency: undefined,
      about: undefined,
    },
    input(view: View, decidedAtMs: number) {
      requireInForce(view, known?.digest ?? null);
      return {
        actor,
        other: view.state(personFold, streams.person(about)),
        humans,
        peopleWhoLeft: whoLeft(view, humans, people),
        shown,
        demanded: known?.policy.factors.review,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      };
    },
  };
}
