import type { Actor } from '../../domain/actor.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import type { Channel } from '../../domain/policy/policy.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import { decideNudge, whoHears } from '../../domain/request/nudge.ts';
import { nudgeFromMs } from '../../domain/request/rules/nudges-are-bounded.ts';
import type { RequestState } from '../../domain/request/state.ts';
import { requestStatus } from '../../domain/request/status.ts';
import type { Broker } from '../broker.ts';
import { refusalStreams, refusalsState } from '../person/factor.ts';
import { requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf, type Idempotency } from '../prepared.ts';
import { visibleRequest } from '../views/visible.ts';

/** What a reminder would do, or did. */
export interface Nudge {
  /** Whose turn it is, with those who stand in for them. */
  readonly groups: readonly string[];
  /** By which ways the policy tells them; empty: by none. */
  readonly channels: readonly Channel[];
  /** From when they may be reminded (again), milliseconds since 1970; null: no more. */
  readonly fromMs: number | null;
}

/** For whoever waits. undefined: it waits for nobody's signature, or is not theirs. */
export async function nudgeOf(broker: Broker, actor: Actor, state: RequestState): Promise<Nudge | undefined> {
  const known = await broker.policies.inForceIfAny();
  const isTheirs = state.person === actor.person || state.people.includes(actor.person);
  const nowMs = broker.clock.nowMs();
  if (known === undefined || !isTheirs || requestStatus(state, nowMs) !== 'pending') return undefined;
  return { ...whoHears(state, known.policy, nowMs), fromMs: nudgeFromMs(state) };
}

/**
 * Writes down that whoever waits reminds those whose turn it is; the teller then tells them, within what it lets through
 * to each of them in an hour.
 * @throws Failure `not-found`, `refused-by-rule`
 */
export const nudgeReviewers = (
  broker: Broker,
  actor: Actor,
  request: RequestId,
  idempotency: Idempotency | undefined,
): Promise<readonly number[]> =>
  underOnePolicy(async () => {
    await visibleRequest(broker, actor, request);
    const known = await broker.policies.inForce();
    const stream = streams.request(request);
    return broker.sequencer.submit(
      commandOf<readonly number[]>({
        actor,
        streams: ['policy', stream, ...refusalStreams(actor.person, broker.clock.nowMs())],
        factsAtMs: null,
        idempotency,
        about: request,
        judge(view, nowMs) {
          requireInForce(view, known.digest);
          return decideNudge({
            actor,
            state: view.state(requestFold, stream),
            policy: known.policy,
            policyDigest: known.digest,
            refusals: refusalsState(view, actor.person, nowMs),
            nowMs,
          });
        },
        result: ({ entries }) => entries.map(({ seq }) => seq),
        replay: () => [],
      }),
    );
  });
