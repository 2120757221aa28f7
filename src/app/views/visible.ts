import type { Actor } from '../../domain/actor.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { GrantState, RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import { notFound, readGrant, readRequest } from '../find-grant.ts';
import type { KnownPolicy } from '../policy-in-force.ts';
import { maySeeRequest } from '../visibility.ts';

const maySee = (known: KnownPolicy | undefined, actor: Actor, state: RequestState, nowMs: number): boolean =>
  known === undefined ? state.person === actor.person : maySeeRequest(known, actor, state, nowMs);

/** @throws Failure `not-found`, the same for a request that is not there and one that is not yours to see */
export async function visibleRequest(
  broker: Broker,
  actor: Actor,
  request: RequestId,
): Promise<RequestState> {
  const known = await broker.policies.inForceIfAny();
  const state = await readRequest(broker, request);
  if (maySee(known, actor, state, broker.clock.nowMs())) return state;
  throw notFound('request');
}

/** @throws Failure `not-found`, as above */
export async function visibleGrant(
  broker: Broker,
  actor: Actor,
  grant: string,
): Promise<{ readonly state: RequestState; readonly grant: GrantState }> {
  const known = await broker.policies.inForceIfAny();
  const found = await readGrant(broker, grant);
  const own = found.grant.person === actor.person;
  if (own || maySee(known, actor, found.state, broker.clock.nowMs())) return found;
  throw notFound('grant');
}

/** Of these requests, in order, those that this person may see, in one read. */
export async function visibleRequests(
  broker: Broker,
  actor: Actor,
  requests: readonly string[],
): Promise<readonly RequestState[]> {
  if (requests.length === 0) return [];
  const named = [...new Set(requests)].map((request) => streams.request(request));
  const [known, view] = await Promise.all([broker.policies.inForceIfAny(), broker.sequencer.read(named)]);
  const nowMs = broker.clock.nowMs();
  return named
    .map((stream) => view.state(requestFold, stream))
    .filter((state) => state.request !== null && maySee(known, actor, state, nowMs));
}
