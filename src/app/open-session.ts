import type { Actor } from '../domain/actor.ts';
import { digestOf } from '../domain/digest.ts';
import { Failure } from '../domain/errors.ts';
import { type GrantId, type RequestId, type SessionId, type StreamId, streams } from '../domain/ids.ts';
import { hasLostFactorOf } from '../domain/person/stands-by.ts';
import { personFold } from '../domain/person/state.ts';
import type { Humans } from '../domain/policy/humans.ts';
import { sameScope } from '../domain/policy/narrow.ts';
import { own } from '../domain/policy/own.ts';
import type { Permission } from '../domain/policy/policy.ts';
import { requestFold } from '../domain/request/evolve.ts';
import { decideOpen, type Prepared } from '../domain/request/open.ts';
import { decideSettle, type Settlement } from '../domain/request/settle.ts';
import type { GrantState, RequestState } from '../domain/request/state.ts';
import type { Broker } from './broker.ts';
import { requireFreshMembership } from './cached-membership.ts';
import type { Command, Receipt, View } from './command.ts';
import { checkCode, factorStates, factorStreams, refusalStreams, refusalsState } from './factor.ts';
import { extendedGrant, extendedStreams, grantIn, notFound, requestOfGrant } from './find-grant.ts';
import { personalTexts } from './personal-text.ts';
import { type KnownPolicy, requireInForce, underOnePolicy } from './policy-in-force.ts';
import type { Credentials, OpenOutcome, PreparedSession, Provider } from './ports.ts';
import { commandOf, groupsNow, type Idempotency } from './prepared.ts';
import { brokerItself, revokeAtProvider } from './revoke-at-provider.ts';
import { checkTicketFor } from './ticket-check.ts';
import { leftSince, leftStreams, whoLeft } from './who-left.ts';

const CLOUD_ANSWERS_WITHIN_MS = 15_000;

export interface OpenedSession {
  readonly session: SessionId;
  readonly grant: GrantId;
  readonly expires_at_ms: number;
  /** null: this call was answered before; a secret is never given twice. */
  readonly credentials: Credentials | null;
  readonly entries: readonly number[];
}

interface Intent {
  readonly session: SessionId;
  readonly prepared: PreparedSession;
  /** Digest of the parameters, as the entry has it. */
  readonly recorded: string;
  /** What was approved. */
  readonly scope: readonly Permission[];
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
  given: { readonly totp: string | undefined; readonly idempotency: Idempotency },
): Promise<OpenedSession> {
  const request = await requestOfGrant(broker, grant);
  const intent = await underOnePolicy(() => recordIntent(broker, actor, { request, grant }, given));
  if ('replayed' in intent) {
    return { session: intent.replayed, grant, expires_at_ms: 0, credentials: null, entries: [] };
  }
  const provider = providerOf(broker, intent.prepared.provider);
  const outcome = isAsRecorded(broker, provider, intent)
    ? await callCloud(provider, intent.prepared)
    : notAsRecorded;
  const settled = await settle(broker, { request, grant, session: intent.session }, settlementOf(outcome));
  const entries = [...intent.entries, ...settled.entries];
  if (outcome.outcome === 'opened' && settled.deliver) {
    const { expiresAtMs, credentials } = outcome;
    return { session: intent.session, grant, expires_at_ms: expiresAtMs, credentials, entries };
  }
  if (outcome.outcome === 'opened') await revokeAtProvider(broker, request, grant);
  throw failureOf(outcome, entries.at(-1));
}

async function recordIntent(
  broker: Broker,
  actor: Actor,
  at: { readonly request: RequestId; readonly grant: GrantId },
  given: { readonly totp: string | undefined; readonly idempotency: Idempotency },
): Promise<Intent | { readonly replayed: SessionId }> {
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForce();
  const stream = streams.request(at.request);
  const state = (await broker.sequencer.read([stream])).state(requestFold, stream);
  if (state.grants[at.grant]?.person !== actor.person) throw notFound('grant');
  requireFreshMembership(actor, state.breakGlass?.marks.includes('membership-cached') ?? false);
  const tickets = await ticketOf(broker, known, state, actor.person);
  const shown = await checkCode(broker, actor, given.totp);
  const session: SessionId = `s-${broker.random.ulid(nowMs)}`;
  let prepared: Pick<Intent, 'prepared' | 'recorded' | 'scope'> | undefined;
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
      const found = grantIn(view, stream, at.grant);
      const resolved = known.rule(found.state.entitlement);
      return decideOpen({
        ...found,
        actor,
        groups: groupsNow(known.policy, actor, decidedAtMs),
        rule: resolved?.rule,
        ruleDigest: resolved?.digest ?? null,
        humans: known.policy,
        policyDigest: known.digest,
        tickets,
        extended: extendedGrant(view, found.state),
        peopleWhoLeft: whoLeft(view, known.policy, [actor.person]),
        approversWhoLeft: approversWhoLeft(view, known.policy, found.state),
        approversWithoutFactor: approversWithoutFactor(view, found.state),
        session,
        broker: broker.id,
        shown,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
        prepare: (grant, endsAtMs) => {
          const at = { session, nowMs: decidedAtMs, endsAtMs };
          const planned = prepare(broker, known, found.state, grant, at);
          const told = withDigest(broker, planned);
          prepared = { prepared: planned, recorded: told.parametersDigest, scope: grant.scope };
          return told;
        },
      });
    },
    result: ({ entries }) => {
      if (prepared === undefined) throw new Error('an opening was recorded that was never prepared');
      return { session, ...prepared, entries: entries.map(({ seq }) => seq) };
    },
  });
  return broker.sequencer.submit(command);
}

async function ticketOf(broker: Broker, known: KnownPolicy, state: RequestState, person: string) {
  const text = await personalTexts(broker, [state.submittedSeq]);
  const rule = known.rule(state.entitlement)?.rule;
  return checkTicketFor(broker, rule, text(state.submittedSeq, 'ticket'), [person]);
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

function prepare(
  broker: Broker,
  known: KnownPolicy,
  state: RequestState,
  grant: GrantState,
  at: { readonly session: SessionId; readonly nowMs: number; readonly endsAtMs: number },
): PreparedSession {
  const rule = known.rule(state.entitlement)?.rule;
  if (rule === undefined) throw notFound('entitlement');
  const target = own(rule.targets, grant.target);
  if (target === undefined) throw notFound('target');
  return providerOf(broker, target.provider).prepare({
    session: at.session,
    grant: grant.grant,
    person: grant.person,
    role: rule.role,
    targetName: grant.target,
    target,
    scope: grant.scope,
    nowMs: at.nowMs,
    endsAtMs: at.endsAtMs,
  });
}

function withDigest(broker: Broker, prepared: PreparedSession): Prepared {
  const { parameters, ...rest } = prepared;
  const copy: Prepared['parameters'] = structuredClone(parameters) as Prepared['parameters'];
  const scope = providerOf(broker, prepared.provider).scopeOf(prepared);
  return { ...rest, parameters: copy, parametersDigest: digestOf(broker.hasher, copy), scope };
}

/** Between the entry and the call nothing may have changed: what is sent is what was recorded, and what was approved. */
function isAsRecorded(broker: Broker, provider: Provider, { prepared, recorded, scope }: Intent): boolean {
  const said = provider.scopeOf(prepared);
  return (
    digestOf(broker.hasher, structuredClone(prepared.parameters) as Prepared['parameters']) === recorded &&
    said !== undefined &&
    sameScope(said, scope)
  );
}

export function providerOf(broker: Broker, kind: 'token' | 'aws'): Provider {
  const provider = broker.providers.get(kind);
  if (provider !== undefined) return provider;
  throw new Failure('provider-unavailable', `This broker is not configured for ${kind} targets.`, {
    mend: `Add ${kind} to the broker’s configuration (docs/configuration.md) and start it again.`,
  });
}

const notAsRecorded: OpenOutcome = {
  outcome: 'refused',
  reason: 'what would have been sent was not what was recorded; nothing was sent',
  mend: 'Tell the operator of this broker: it is a defect of the provider.',
  retryable: false,
};

/** Never longer than the intent says: after that, whoever comes by settles it. */
async function callCloud(provider: Provider, prepared: PreparedSession): Promise<OpenOutcome> {
  try {
    return await provider.open(prepared, AbortSignal.timeout(CLOUD_ANSWERS_WITHIN_MS));
  } catch {
    // What the error says may quote the call; that it came is enough to count the session as possibly open.
    return {
      outcome: 'unknown',
      reason: 'the provider failed in a way that leaves open whether a session exists',
    };
  }
}

function settlementOf(outcome: OpenOutcome): Settlement {
  if (outcome.outcome !== 'opened') {
    return { kind: 'failed', reason: outcome.reason, certain: outcome.outcome === 'refused' };
  }
  const { cloudSession, providerRequest, expiresAtMs, packedPolicyPercent } = outcome;
  return { kind: 'opened', cloudSession, providerRequest, expiresAtMs, packedPolicyPercent };
}

interface SessionAt {
  readonly request: RequestId;
  readonly grant: GrantId;
  readonly session: SessionId;
}

/** What a cloud answered is the broker's word, and is written even when the caller has signed out meanwhile. */
async function settle(
  broker: Broker,
  at: SessionAt,
  settlement: Settlement,
): Promise<{ readonly deliver: boolean; readonly entries: readonly number[] }> {
  let deliver = false;
  const stream = streams.request(at.request);
  const command: Command<{ deliver: boolean; entries: readonly number[] }> = {
    by: brokerItself(broker),
    streams: [stream],
    factsAtMs: null,
    decide(view, nowMs) {
      const found = grantIn(view, stream, at.grant);
      const decided = decideSettle({ ...found, session: at.session, settlement, settledBy: 'caller', nowMs });
      deliver = decided.deliver;
      const result = ({ entries }: Receipt) => ({ deliver, entries: entries.map(({ seq }) => seq) });
      return { events: decided.events, result };
    },
  };
  return broker.sequencer.submit(command);
}

function failureOf(outcome: OpenOutcome, entry: number | undefined): Failure {
  const at = entry === undefined ? {} : { entry };
  if (outcome.outcome === 'refused') {
    return new Failure('provider-refused', `The cloud refused the session: ${outcome.reason}`, {
      ...(outcome.mend === null ? {} : { mend: outcome.mend }),
      ...at,
    });
  }
  if (outcome.outcome === 'unknown') {
    return new Failure('provider-unavailable', `The cloud gave no clear answer: ${outcome.reason}`, {
      mend: 'A session may exist; it counts as open until its end. Try again with a new Idempotency-Key.',
      ...at,
    });
  }
  return new Failure(
    'conflict',
    'The cloud answered too late, or the grant ended meanwhile; the credentials were thrown away.',
    at,
  );
}
