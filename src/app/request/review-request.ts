import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import type { ReviewStatement } from '../../domain/events.ts';
import { type RequestId, type StreamId, streams } from '../../domain/ids.ts';
import { personFold } from '../../domain/person/state.ts';
import { intersectScope } from '../../domain/policy/narrow.ts';
import { refuse } from '../../domain/refusal.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import { remaining } from '../../domain/request/remaining.ts';
import { decideReview } from '../../domain/request/review.ts';
import type { ReviewContext } from '../../domain/request/review-context.ts';
import { reviewerRules } from '../../domain/request/rules/reviewing.ts';
import { ticketDigestOf } from '../../domain/request/rules/statement-is-what-stands.ts';
import { currentStage } from '../../domain/request/stage.ts';
import type { RequestState } from '../../domain/request/state.ts';
import type { TicketOfPerson } from '../../domain/request/submit-context.ts';
import { firstBroken } from '../../domain/rule.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { extendedGrant, extendedStreams, notFound } from '../grant/find-grant.ts';
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
import { checkTicketFor } from '../ticket/ticket-check.ts';
import { ticketNameOf } from '../ticket/ticket-name.ts';
import { maySeeRequest } from '../visibility.ts';
import { logFits, statementDigest, statementFrame } from './statement.ts';
import { freshGrants } from './submit-request.ts';

/** What a reviewer wants to decide; left out: as it was asked, as far as earlier reviewers left it. */
export interface Verdict {
  readonly verdict: 'approve' | 'deny';
  readonly seconds?: number | undefined;
  readonly scope?: readonly { readonly action: string; readonly resource: string }[] | undefined;
  /** Which of the reviewer's factors will sign; left out: the newest. */
  readonly factor?: string | undefined;
}

interface Looked {
  readonly known: KnownPolicy;
  readonly state: RequestState;
  readonly tickets: readonly TicketOfPerson[];
  readonly view: View;
}

/** Everything fresh that a review rests on. */
async function look(broker: Broker, actor: Actor, request: RequestId): Promise<Looked> {
  const known = await broker.policies.inForce();
  const stream = streams.request(request);
  const found = (await broker.sequencer.read([stream])).state(requestFold, stream);
  const visible = found.request !== null && maySeeRequest(known, actor, found, broker.clock.nowMs());
  if (!visible) throw notFound('request');
  const view = await broker.sequencer.read([stream, ...beside(known, actor, found)]);
  const state = view.state(requestFold, stream);
  const ticketName = await ticketNameOf(broker, state);
  const tickets = await checkTicketFor(broker, known.rule(state.entitlement)?.rule, ticketName, state.people);
  return { known, state, tickets, view };
}

const concerned = (actor: Actor, state: RequestState): readonly string[] => [
  actor.person,
  state.person,
  ...state.people,
];

/** What a review rests on beside its request: who is still there, and the grant that it would carry on. */
const beside = (known: KnownPolicy, actor: Actor, state: RequestState): readonly StreamId[] => [
  ...leftStreams(known.policy, concerned(actor, state)),
  ...extendedStreams(state),
];

/**
 * The statement a reviewer is about to sign, made from what stands now. Refused, and logged, for somebody who could
 * not sign it: they learn it before they are asked for a code.
 */
export async function prepareReview(
  broker: Broker,
  actor: Actor,
  request: RequestId,
  wanted: Verdict,
): Promise<{ readonly statement: ReviewStatement; readonly digest: string }> {
  const looked = await look(broker, actor, request);
  const statement = makeStatement(broker, actor, looked, wanted);
  const context = contextOf(broker, actor, looked, statement, true, broker.clock.nowMs());
  const broken = firstBroken(reviewerRules, context);
  if (broken !== undefined) await recordRefusal(broker, actor, request, broken);
  return { statement, digest: statementDigest(broker, statement) };
}

/** What a reviewer would sign, or the rule that keeps them from it; and what the ticket's source says now. */
export interface Foreseen {
  readonly statement: ReviewStatement;
  readonly broken: ReturnType<typeof firstBroken>;
  readonly tickets: readonly TicketOfPerson[];
}

/**
 * For somebody who only looks: nothing is recorded, whatever the rules say.
 * @throws Failure `not-found`, `factor-missing`
 */
export async function foreseeReview(broker: Broker, actor: Actor, request: RequestId): Promise<Foreseen> {
  const looked = await look(broker, actor, request);
  const statement = makeStatement(broker, actor, looked, { verdict: 'approve' });
  const context = contextOf(broker, actor, looked, statement, true, broker.clock.nowMs());
  return { statement, broken: firstBroken(reviewerRules, context), tickets: looked.tickets };
}

function makeStatement(broker: Broker, actor: Actor, looked: Looked, wanted: Verdict): ReviewStatement {
  const { state, known, tickets, view } = looked;
  const left = remaining(state);
  const scope = wanted.scope === undefined ? left.scope : intersectScope(left.scope, wanted.scope);
  if (scope === 'not-within') {
    throw new Failure('malformed-input', 'A review can take away from the scope, never add to it.', {
      mend: 'Name only permissions the request lists, or leave `scope` out.',
    });
  }
  const seconds = wanted.seconds ?? left.seconds;
  if (seconds > left.seconds) {
    throw new Failure(
      'malformed-input',
      `A review can shorten the ${left.seconds} s that are asked for, never lengthen them.`,
    );
  }
  return {
    purpose: 'review',
    verdict: wanted.verdict,
    request: state.request ?? '',
    request_leaf: state.submittedLeaf,
    requester: state.person,
    stage: currentStage(state)?.stage ?? 0,
    policy_digest: known.digest,
    rule_digest: state.ruleDigest,
    people: [...state.people],
    targets: [...state.targets],
    scope: [...scope],
    seconds,
    start_ms: state.startMs,
    ticket_digest: ticketDigestOf(tickets),
    reviewer: actor.person,
    factor: wanted.factor ?? factorToSign(view, actor, known.policy.factors.review),
    ...statementFrame(broker, view),
  };
}

function contextOf(
  broker: Broker,
  actor: Actor,
  { known, state, tickets, view }: Looked,
  statement: ReviewStatement,
  fits: boolean,
  nowMs: number,
): ReviewContext {
  const resolved = known.rule(state.entitlement);
  return {
    actor,
    groups: groupsNow(known.policy, actor, nowMs),
    state,
    rule: resolved?.rule,
    humans: known.policy,
    policyDigest: known.digest,
    ruleDigest: resolved?.digest ?? null,
    statement,
    tickets,
    peopleWhoLeft: whoLeft(view, known.policy, concerned(actor, state)),
    extended: extendedGrant(view, state),
    reviewer: view.state(personFold, streams.person(actor.person)),
    logFits: fits,
    origin: broker.origin,
    nowMs,
  };
}

async function recordRefusal(
  broker: Broker,
  actor: Actor,
  request: RequestId,
  broken: Parameters<typeof refuse>[1],
): Promise<never> {
  const nowMs = broker.clock.nowMs();
  const command = commandOf<never>({
    actor,
    streams: refusalStreams(actor.person, nowMs),
    factsAtMs: null,
    idempotency: undefined,
    about: undefined,
    judge: (view, decidedAtMs) => {
      const refusals = refusalsState(view, actor.person, decidedAtMs);
      return refuse({ actor, attempted: 'review', about: request, refusals, nowMs: decidedAtMs }, broken);
    },
    result: () => {
      throw new Failure('refused-by-rule', broken.because, { rule: broken.rule });
    },
  });
  return broker.sequencer.submit(command);
}

export interface Reviewed {
  readonly request: RequestId;
  /** What it became, when this review was the last one needed. */
  readonly grants: readonly string[];
  readonly entries: readonly number[];
}

/** Records a decision that was made over `statement`. Everything in it is compared with what stands now. */
export const reviewRequest = (
  broker: Broker,
  actor: Actor,
  request: RequestId,
  given: {
    readonly statement: ReviewStatement;
    readonly reason: string | null;
    readonly idempotency: Idempotency | undefined;
  } & FactorGiven,
): Promise<Reviewed> => underOnePolicy(() => reviewOnce(broker, actor, request, given));

async function reviewOnce(
  broker: Broker,
  actor: Actor,
  request: RequestId,
  given: Parameters<typeof reviewRequest>[3],
): Promise<Reviewed> {
  const nowMs = broker.clock.nowMs();
  const looked = await look(broker, actor, request);
  const fits = await logFits(broker, given.statement);
  const shown = await checkFactor(broker, actor, given);
  const { people, targets } = looked.state;
  const fresh = freshGrants(broker, nowMs, people.length * targets.length);
  const command = commandOf<Reviewed>({
    actor,
    streams: [
      'policy',
      streams.request(request),
      ...beside(looked.known, actor, looked.state),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: given.idempotency,
    about: request,
    replay: () => ({ request, grants: [], entries: [] }),
    judge(view, decidedAtMs) {
      requireInForce(view, looked.known.digest);
      const state = view.state(requestFold, streams.request(request));
      const context = contextOf(
        broker,
        actor,
        { ...looked, view, state },
        given.statement,
        fits,
        decidedAtMs,
      );
      return decideReview({
        ...context,
        grants: fresh,
        statementDigest: statementDigest(broker, given.statement),
        reason: given.reason,
        shown,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
      });
    },
    result: ({ entries }) => ({
      request,
      grants: fresh.slice(0, entries.filter(({ type }) => type === 'countersign.request.approved.v1').length),
      entries: entries.map(({ seq }) => seq),
    }),
  });
  return broker.sequencer.submit(command);
}
