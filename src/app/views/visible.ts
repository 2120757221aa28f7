import type { Actor } from '../../domain/actor.ts';
import { breakGlassFold } from '../../domain/break-glass/state.ts';
import { whoJudges } from '../../domain/break-glass/who-judges.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { own } from '../../domain/policy/own.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { GrantState, RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import { notFound, readGrant, readRequest } from '../grant/find-grant.ts';
import type { KnownPolicy } from '../policy/policy-in-force.ts';
import { groupsNow } from '../prepared.ts';
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
  const [judged] = await thoseToJudge(broker, known, actor, [state]);
  if (judged !== undefined) return judged;
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
  const states = named
    .map((stream) => view.state(requestFold, stream))
    .filter((state) => state.request !== null);
  const hidden = states.filter((state) => !maySee(known, actor, state, nowMs));
  const judged = new Set(await thoseToJudge(broker, known, actor, hidden));
  return states.filter((state) => !hidden.includes(state) || judged.has(state));
}

/** Emergencies exist for whoever judges them, whatever the policy says of their entitlement by now. */
async function thoseToJudge(
  broker: Broker,
  known: KnownPolicy | undefined,
  actor: Actor,
  states: readonly RequestState[],
): Promise<readonly RequestState[]> {
  const emergencies = states.filter(({ breakGlass }) => breakGlass !== null);
  // By their groups of now, as everything that groups show.
  if (actor.kind !== 'human' || actor.membership === 'cached') return [];
  if (known === undefined || emergencies.length === 0) return [];
  const nowMs = broker.clock.nowMs();
  const groups = groupsNow(known.policy, actor, nowMs);
  const view = await broker.sequencer.read([
    ...new Set(emergencies.map(({ person }) => streams.breakGlass(person))),
  ]);
  return emergencies.filter(({ request, person }) => {
    const use = own(view.state(breakGlassFold, streams.breakGlass(person)).uses, request ?? '');
    return use !== undefined && groups.includes(whoJudges(known.policy, use, person, nowMs));
  });
}
