import type { Actor } from '../../domain/actor.ts';
import { type GrantId, type RequestId, type SessionId, type StreamId, streams } from '../../domain/ids.ts';
import { hasLostFactorOf } from '../../domain/person/stands-by.ts';
import { personFold } from '../../domain/person/state.ts';
import type { Humans } from '../../domain/policy/humans.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import { decideOpen } from '../../domain/request/open.ts';
import { decideSettle, type Settlement } from '../../domain/request/settle.ts';
import type { RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import type { Command, Receipt, View } from '../command.ts';
import { requireFreshMembership } from '../person/cached-membership.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  refusalStreams,
  refusalsState,
} from '../person/factor.ts';
import { humansOf, type KnownPolicy, requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import type { Credentials } from '../ports.ts';
import { commandOf, groupsNow, type Idempotency } from '../prepared.ts';
import { checkTicketFor } from '../ticket/ticket-check.ts';
import { ticketNameOf } from '../ticket/ticket-name.ts';
import { cutOffWhatMust } from './cut-off-grants.ts';
import { extendedGrant, extendedStreams, grantIn, notFound, requestOfGrant } from './find-grant.ts';
import { brokerItself, revokeAtProvider } from './revoke-at-provider.ts';
import { callProvider, failureOf, type Planned, planSession, settlementOf } from './session-at-provider.ts';
import { leftAs, leftSince, leftStreams, whoLeft } from './who-left.ts';

export interface OpenedSession {
  readonly session: SessionId;
  readonly grant: GrantId;
  readonly expires_at_ms: number;
  /** null: this call was answered before; a secret is never given twice. */
  readonly credentials: Credentials | null;
  readonly entries: readonly number[];
}

interface Intent extends Planned {
  readonly session: SessionId;
  readonly entries: readonly number[];
}

/**
 * Opens a session under the caller's own grant: intent durable, cloud called, outcome durable, credentials handed out
 * once. Whatever happens in between, the log knows that a session may exist.
 */
export async function openSession(
  broker: Broker,
  actor: Actor,
  grant: GrantId,
  given: { readonly idempotency: Idempotency } & FactorGiven,
): Promise<OpenedSession> {
  const request = await requestOfGrant(broker, grant);
  const intent = await underOnePolicy(() => recordIntent(broker, actor, { request, grant }, given));
  if ('replayed' in intent) {
    return { session: intent.replayed, grant, expires_at_ms: 0, credentials: null, entries: [] };
  }
  const outcome = await callProvider(broker, intent);
  const at = { request, grant, session: intent.session };
  const settled = await settle(broker, actor.person, at, settlementOf(outcome));
  const entries = [...intent.entries, ...settled.entries];
  if (outcome.outcome === 'opened' && settled.deliver) {
    const { expiresAtMs, credentials } = outcome;
    return { session: intent.session, grant, expires_at_ms: expiresAtMs, credentials, entries };
  }
  if (outcome.outcome === 'opened') await takeBack(broker, request, grant);
  throw failureOf(outcome, entries.at(-1));
}

/** Nobody gets what was opened: whatever ended the grant is carried out, and written first where nobody has yet. */
async function takeBack(broker: Broker, request: RequestId, grant: GrantId): Promise<void> {
  await cutOffWhatMust(broker, request);
  await revokeAtProvider(broker, request, grant);
}

async function recordIntent(
  broker: Broker,
  actor: Actor,
  at: { readonly request: RequestId; readonly grant: GrantId },
  given: { readonly idempotency: Idempotency } & FactorGiven,
): Promise<Intent | { readonly replayed: SessionId }> {
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForce();
  const stream = streams.request(at.request);
  const state = (await broker.sequencer.read([stream])).state(requestFold, stream);
  if (state.grants[at.grant]?.person !== actor.person) throw notFound('grant');
  requireFreshMembership(actor, state.breakGlass?.marks.includes('membership-cached') ?? false);
  const tickets = await ticketOf(broker, known, state, actor.person);
  const shown = await checkFactor(broker, actor, given);
  const session: SessionId = `s-${broker.random.ulid(nowMs)}`;
  let planned: Planned | undefined;
  const command = commandOf<Intent | { replayed: SessionId }>({
    actor,
    streams: [
      'policy',
      stream,
      ...beside(known, state, actor.person),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: given.idempotency,
    about: session,
    replay: (about) => ({ replayed: about as SessionId }),
    judge(view, decidedAtMs) {
      requireInForce(view, known.digest);
      const facts = factsOf(view, known, actor, at, decidedAtMs);
      return decideOpen({
        ...facts,
        tickets,
        session,
        broker: broker.id,
        shown,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        prepare: (grant, endsAtMs) => {
          const moment = { session, nowMs: decidedAtMs, endsAtMs };
          const plan = planSession(broker, known, facts.state, grant, moment);
          planned = plan.planned;
          return plan.told;
        },
      });
    },
    result: ({ entries }) => {
      if (planned === undefined) throw new Error('an opening was recorded that was never prepared');
      return { session, ...planned, entries: entries.map(({ seq }) => seq) };
    },
  });
  return broker.sequencer.submit(command);
}

/** What an opening rests on in the log and in the policy in force. */
function factsOf(
  view: View,
  known: KnownPolicy,
  actor: Actor,
  at: { readonly request: RequestId; readonly grant: GrantId },
  nowMs: number,
) {
  const found = grantIn(view, streams.request(at.request), at.grant);
  const resolved = known.rule(found.state.entitlement);
  return {
    ...found,
    actor,
    groups: groupsNow(known.policy, actor, nowMs),
    rule: resolved?.rule,
    ruleDigest: resolved?.digest ?? null,
    humans: known.policy,
    policyDigest: known.digest,
    extended: extendedGrant(view, found.state),
    peopleWhoLeft: whoLeft(view, known.policy, [actor.person]),
    approversWhoLeft: approversWhoLeft(view, known.policy, found.state),
    approversWithoutFactor: approversWithoutFactor(view, found.state),
    refusals: refusalsState(view, actor.person, nowMs),
    nowMs,
  };
}

async function ticketOf(broker: Broker, known: KnownPolicy, state: RequestState, person: string) {
  const rule = known.rule(state.entitlement)?.rule;
  return checkTicketFor(broker, rule, await ticketNameOf(broker, state), [person]);
}

const approvals = (state: RequestState): readonly RequestState['reviews'][number][] =>
  state.reviews.filter(({ verdict }) => verdict === 'approve');

/** What somebody signed before they left counts no more, whether they are back or not. */
const approversWhoLeft = (view: View, policy: Humans, state: RequestState): readonly string[] =>
  approvals(state)
    .filter(({ reviewer, seq }) => leftSince(view, policy, reviewer, seq))
    .map(({ reviewer }) => reviewer);

const approversWithoutFactor = (view: View, state: RequestState): readonly string[] =>
  approvals(state)
    .filter((review) => hasLostFactorOf(view.state(personFold, streams.person(review.reviewer)), review))
    .map(({ reviewer }) => reviewer);

/** What an opening rests on beside its own request: the grant it carries on, and whoever signed. */
const beside = (known: KnownPolicy, state: RequestState, person: string): readonly StreamId[] => [
  ...extendedStreams(state),
  ...leftStreams(known.policy, [person, ...approvals(state).map(({ reviewer }) => reviewer)]),
];

interface SessionAt {
  readonly request: RequestId;
  readonly grant: GrantId;
  readonly session: SessionId;
}

/** What a cloud answered is the broker's word, and is written even when the caller has signed out meanwhile. */
async function settle(
  broker: Broker,
  holder: string,
  at: SessionAt,
  settlement: Settlement,
): Promise<{ readonly deliver: boolean; readonly entries: readonly number[] }> {
  let deliver = false;
  const stream = streams.request(at.request);
  const humans = humansOf(await broker.policies.inForceIfAny());
  const command: Command<{ deliver: boolean; entries: readonly number[] }> = {
    by: brokerItself(broker),
    streams: [stream, ...leftStreams(humans, [holder])],
    factsAtMs: null,
    decide(view, nowMs) {
      const found = grantIn(view, stream, at.grant);
      const holderHasLeft = leftAs(view, humans, holder) !== undefined;
      const outcome = { session: at.session, settlement, settledBy: 'caller', holderHasLeft } as const;
      const decided = decideSettle({ ...found, ...outcome, nowMs });
      deliver = decided.deliver;
      const result = ({ entries }: Receipt) => ({ deliver, entries: entries.map(({ seq }) => seq) });
      return { events: decided.events, result };
    },
  };
  return broker.sequencer.submit(command);
}
