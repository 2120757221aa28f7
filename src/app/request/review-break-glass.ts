import type { Actor } from '../../domain/actor.ts';
import { decideBreakGlassReview } from '../../domain/break-glass/review.ts';
import { type BreakGlassState, type BreakGlassUse, breakGlassFold } from '../../domain/break-glass/state.ts';
import { whoJudges } from '../../domain/break-glass/who-judges.ts';
import type { BreakGlassStatement } from '../../domain/events.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { personFold } from '../../domain/person/state.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  factorToSign,
  refusalStreams,
  refusalsState,
} from '../person/factor.ts';
import { type KnownPolicy, requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf, groupsNow, type Idempotency } from '../prepared.ts';
import { visibleRequest } from '../views/visible.ts';
import { logFits, statementDigest, statementFrame } from './statement.ts';

async function look(
  broker: Broker,
  actor: Actor,
  request: RequestId,
): Promise<{ known: KnownPolicy; state: RequestState }> {
  const known = await broker.policies.inForce();
  const state = await visibleRequest(broker, actor, request);
  if (state.breakGlass === null) throw notFound('break-glass');
  return { known, state };
}

/** The statement about an emergency that a reviewer is about to sign. */
export async function prepareBreakGlassReview(
  broker: Broker,
  actor: Actor,
  request: RequestId,
  wanted: { readonly verdict: 'justified' | 'not-justified'; readonly factor?: string | undefined },
): Promise<{ readonly statement: BreakGlassStatement; readonly digest: string }> {
  const { known, state } = await look(broker, actor, request);
  const view = await broker.sequencer.read([streams.person(actor.person)]);
  const statement: BreakGlassStatement = {
    purpose: 'review-break-glass',
    verdict: wanted.verdict,
    request,
    request_leaf: state.submittedLeaf,
    requester: state.person,
    reviewer: actor.person,
    factor: wanted.factor ?? factorToSign(view, actor, known.policy.factors.review),
    ...statementFrame(broker, view),
  };
  return { statement, digest: statementDigest(broker, statement) };
}

export const reviewBreakGlass = (
  broker: Broker,
  actor: Actor,
  request: RequestId,
  given: {
    readonly statement: BreakGlassStatement;
    readonly reason: string | null;
    readonly idempotency: Idempotency | undefined;
  } & FactorGiven,
): Promise<readonly number[]> => underOnePolicy(() => reviewOnce(broker, actor, request, given));

async function reviewOnce(
  broker: Broker,
  actor: Actor,
  request: RequestId,
  given: Parameters<typeof reviewBreakGlass>[3],
): Promise<readonly number[]> {
  const nowMs = broker.clock.nowMs();
  const { known, state } = await look(broker, actor, request);
  const shown = await checkFactor(broker, actor, given);
  const fits = await logFits(broker, given.statement);
  const debtStream = streams.breakGlass(state.person);
  const command = commandOf<readonly number[]>({
    actor,
    streams: [
      'policy',
      streams.request(request),
      debtStream,
      ...leftStreams(known.policy, [actor.person]),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: given.idempotency,
    about: request,
    replay: () => [],
    judge(view, decidedAtMs) {
      requireInForce(view, known.digest);
      const use = judgedBy(known, useOf(view.state(breakGlassFold, debtStream), request), state, decidedAtMs);
      return decideBreakGlassReview({
        actor,
        groups: groupsNow(known.policy, actor, decidedAtMs),
        humans: known.policy,
        peopleWhoLeft: whoLeft(view, known.policy, [actor.person]),
        request: view.state(requestFold, streams.request(request)),
        use,
        statement: given.statement,
        reviewer: view.state(personFold, streams.person(actor.person)),
        logFits: fits,
        origin: broker.origin,
        nonces: use.nonces,
        statementDigest: statementDigest(broker, given.statement),
        reason: given.reason,
        shown,
        demanded: known.policy.factors.review,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      });
    },
    result: ({ entries }) => entries.map(({ seq }) => seq),
  });
  return broker.sequencer.submit(command);
}

/** The reviewers of then, or those in whose hands it is since they are gone. */
const judgedBy = (
  { policy }: KnownPolicy,
  use: BreakGlassUse,
  { person }: RequestState,
  nowMs: number,
): BreakGlassUse => ({ ...use, reviewFrom: whoJudges(policy, use, person, nowMs) });

function useOf(debt: BreakGlassState, request: RequestId): BreakGlassUse {
  const use = debt.uses[request];
  if (use === undefined) throw notFound('break-glass');
  return use;
}
