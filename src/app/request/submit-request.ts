import type { Actor } from '../../domain/actor.ts';
import { type BreakGlassState, breakGlassFold } from '../../domain/break-glass/state.ts';
import { whoJudges } from '../../domain/break-glass/who-judges.ts';
import { digestOf } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import { type GrantId, type RequestId, type StreamId, streams } from '../../domain/ids.ts';
import { identitiesOf } from '../../domain/policy/humans.ts';
import { intersectScope } from '../../domain/policy/narrow.ts';
import { own } from '../../domain/policy/own.ts';
import { fillScope, parametersMisfit } from '../../domain/policy/parameters.ts';
import type { ResolvedRule } from '../../domain/policy/policy.ts';
import { GRANTS_ALLOWED } from '../../domain/request/approve.ts';
import { askSigned } from '../../domain/request/ask-signed.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import { PENDING_REQUESTS_ALLOWED } from '../../domain/request/rules/pending-requests-are-bounded.ts';
import { decideSubmit } from '../../domain/request/submit.ts';
import type { Asked } from '../../domain/request/submit-context.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { leftStreams, whoLeft } from '../grant/who-left.ts';
import { requireFreshMembership } from '../person/cached-membership.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  refusalStreams,
  refusalsState,
} from '../person/factor.ts';
import { type KnownPolicy, requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf, groupsNow, type Idempotency } from '../prepared.ts';
import { checkTicketFor, incidentOf } from '../ticket/ticket-check.ts';
import { type PreparedAct, prepareAct } from './prepare-act.ts';

export interface Submitted {
  readonly request: RequestId;
  readonly entries: readonly number[];
}

/** Asks for an entitlement. @throws Failure, most often `refused-by-rule`, with the entry that recorded it */
export const submitRequest = (
  broker: Broker,
  actor: Actor,
  asked: Asked,
  given: { readonly idempotency: Idempotency | undefined } & FactorGiven,
): Promise<Submitted> => underOnePolicy(() => submitOnce(broker, actor, asked, given));

async function submitOnce(
  broker: Broker,
  actor: Actor,
  asked: Asked,
  given: { readonly idempotency: Idempotency | undefined } & FactorGiven,
): Promise<Submitted> {
  requireFreshMembership(actor, asked.breakGlass);
  const nowMs = broker.clock.nowMs();
  const looked = await look(broker, actor, asked, nowMs);
  const { known, request } = looked;
  const shown = await checkFactor(broker, actor, given);
  const command = commandOf<Submitted>({
    actor,
    streams: [
      'policy',
      streams.request(request),
      ...beside(looked, actor, asked),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: given.idempotency,
    about: request,
    replay: (about) => ({ request: about as RequestId, entries: [] }),
    judge(view, decidedAtMs) {
      requireInForce(view, known.digest);
      const facts = factsOf(view, looked, actor, asked, decidedAtMs);
      return decideSubmit({
        ...facts,
        askDigest: digestOf(broker.hasher, askSigned(facts)) ?? '',
        shown,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
      });
    },
    result: (receipt) => ({ request, entries: receipt.entries.map(({ seq }) => seq) }),
  });
  return broker.sequencer.submit(command);
}

/** What somebody signs who asks with a passkey. @throws Failure `factor-missing` */
export async function prepareAsk(
  broker: Broker,
  actor: Actor,
  asked: Asked,
  factor?: string | undefined,
): Promise<PreparedAct> {
  const nowMs = broker.clock.nowMs();
  const looked = await look(broker, actor, asked, nowMs);
  const view = await broker.sequencer.read([...beside(looked, actor, asked)]);
  const digest = digestOf(broker.hasher, askSigned(factsOf(view, looked, actor, asked, nowMs))) ?? null;
  return prepareAct(broker, actor, { purpose: 'request', about: asked.entitlement, digest, factor });
}

/** What is found outside the log before anything is decided. */
async function look(broker: Broker, actor: Actor, asked: Asked, nowMs: number) {
  const known = await broker.policies.inForce();
  const resolved = known.rule(asked.entitlement);
  const people = asked.people ?? [actor.person];
  await requireKnown(broker, actor, people);
  const source = resolved?.rule.ticket?.source;
  const places = Object.keys(resolved?.rule.targets ?? {}).length;
  const request: RequestId = `r-${broker.random.ulid(nowMs)}`;
  return {
    known,
    resolved,
    people,
    request,
    grants: freshGrants(broker, nowMs, people.length * places),
    tickets: await checkTicketFor(broker, resolved?.rule, asked.ticket, people),
    pendingCount: await countPending(broker, actor.person, nowMs),
    extendedRequest: await requestExtended(broker, asked),
    incident: asked.ticket === null || source === undefined ? null : incidentOf(broker, source, asked.ticket),
  };
}

type Looked = Awaited<ReturnType<typeof look>>;

/** What an ask rests on in the log. */
const beside = (
  { known, people, extendedRequest }: Looked,
  actor: Actor,
  asked: Asked,
): readonly StreamId[] => [
  ...(extendedRequest === undefined ? [] : [streams.request(extendedRequest)]),
  ...(asked.breakGlass ? debtStreamsOf(known, actor.person) : []),
  ...leftStreams(known.policy, [actor.person, ...people]),
];

function factsOf(view: View, looked: Looked, actor: Actor, asked: Asked, nowMs: number) {
  const { known, resolved, people, request, grants, tickets, pendingCount, incident } = looked;
  return {
    actor,
    asked,
    request,
    grants,
    groups: groupsNow(known.policy, actor, nowMs),
    rule: resolved?.rule,
    policyDigest: known.digest,
    ruleDigest: resolved?.digest ?? '',
    scope: scopeAsked(resolved?.rule, asked),
    tickets,
    extended: extendedIn(view, looked.extendedRequest, asked),
    incident,
    peopleWhoLeft: whoLeft(view, known.policy, [actor.person, ...people]),
    pendingCount,
    debt: asked.breakGlass ? debtIn(view, known, actor, nowMs) : breakGlassFold.initial,
    nowMs,
  };
}

/** Ids for as many grants as a request may become. */
export const freshGrants = (broker: Broker, nowMs: number, count: number): readonly GrantId[] =>
  Array.from({ length: Math.min(count, GRANTS_ALLOWED) }, (): GrantId => `g-${broker.random.ulid(nowMs)}`);

/** What is asked for somebody who never signed in here could be opened by nobody: a slip in an id is told at once. */
async function requireKnown(broker: Broker, actor: Actor, people: readonly string[]): Promise<void> {
  for (const person of people.filter((one) => one !== actor.person)) {
    const [row] = await broker.store.rows({ table: 'people', where: { key: person }, limit: 1 });
    if (row !== undefined) continue;
    throw new Failure('malformed-input', `Nobody with the id ${person} has signed in here.`, {
      mend: '`countersign whoami` tells them their id, once they have signed in.',
    });
  }
}

/** The request of the grant that is to go on, by the list; undefined: none was named, or there is no such grant. */
async function requestExtended(broker: Broker, asked: Asked): Promise<string | undefined> {
  if (asked.extends === null) return undefined;
  const [row] = await broker.store.rows({ table: 'grants', where: { key: asked.extends }, limit: 1 });
  return row === undefined ? undefined : String(row['request']);
}

function extendedIn(view: View, request: string | undefined, asked: Asked) {
  if (request === undefined || asked.extends === null) return undefined;
  const state = view.state(requestFold, streams.request(request));
  const grant = own(state.grants, asked.extends);
  return grant && { state, grant };
}

const debtStreamsOf = ({ policy }: KnownPolicy, person: string): readonly StreamId[] =>
  identitiesOf(policy, person).map(streams.breakGlass);

/** One human owes under all of their identities, to whoever may judge it now. */
function debtIn(view: View, known: KnownPolicy, { person }: Actor, nowMs: number): BreakGlassState {
  const owed = debtStreamsOf(known, person).flatMap((stream) =>
    Object.entries(view.state(breakGlassFold, stream).uses),
  );
  const judged = owed.map(([request, use]) => {
    const reviewFrom = whoJudges(known.policy, use, person, nowMs);
    return [request, { ...use, reviewFrom }] as const;
  });
  return { uses: Object.fromEntries(judged) };
}

/** Filled in, then narrowed; undefined where either does not fit. */
function scopeAsked(rule: ResolvedRule | undefined, asked: Asked) {
  if (rule === undefined || parametersMisfit(rule.parameters, asked.parameters) !== undefined)
    return undefined;
  const declared = fillScope(rule.scope, asked.parameters);
  if (asked.scope === null) return declared;
  const within = intersectScope(declared, asked.scope);
  return within === 'not-within' ? undefined : within;
}

/** From the list, which is enough for a bound against wearing reviewers down. */
async function countPending(broker: Broker, person: string, nowMs: number): Promise<number> {
  const rows = await broker.store.rows({
    table: 'requests',
    where: { person, open: 1 },
    limit: PENDING_REQUESTS_ALLOWED * 2,
  });
  return rows.filter((row) => row['state'] === 'pending' && Number(row['review_by_ms']) > nowMs).length;
}
