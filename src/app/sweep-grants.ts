import { type GrantId, type RequestId, streams } from '../domain/ids.ts';
import { decideTicketSweep, liveGrants } from '../domain/request/cut-off.ts';
import { requestFold } from '../domain/request/evolve.ts';
import type { TicketOfPerson } from '../domain/request/submit-context.ts';
import type { Broker } from './broker.ts';
import { carryOut, cutOffWhatMust } from './cut-off-grants.ts';
import { everyRow } from './every-row.ts';
import { readRequest } from './find-grant.ts';
import { personalTexts } from './personal-text.ts';
import { type KnownPolicy, requireInForce, underOnePolicy } from './policy-in-force.ts';
import { brokerItself, providerOfRequest } from './revoke-at-provider.ts';
import { checkTicketFor } from './ticket-check.ts';

/**
 * Looks at everything that could still be used: ends what has to end since somebody left, an extended grant was
 * revoked, or a ticket was closed, whoever should have ended it at the time. Safe to run anywhere, any number of times:
 * lists say where to look, each decision is taken against what stands.
 */
export async function sweepGrants(broker: Broker): Promise<void> {
  const silent = new Set<string>();
  for (const request of await openRequests(broker)) {
    try {
      await cutOffWhatMust(broker, request);
      for (const because of (await endIfTicketClosed(broker, request)).unchecked) silent.add(because);
    } catch (error) {
      broker.report({ what: `what ${request} became could not be looked at; it is tried again`, error });
    }
  }
  for (const because of silent)
    broker.report({
      what: `grants that end with their ticket go on unchecked: ${because}`,
      error: null,
    });
}

/** Grants that rest on this ticket of the built-in register, ended at once where the policy says so. */
export async function endGrantsOfTicket(
  broker: Broker,
  source: string,
  ticket: string,
): Promise<readonly number[]> {
  const known = await broker.policies.inForceIfAny();
  if (known === undefined || !someTicketEndsGrants(known, source)) return [];
  const made: number[] = [];
  for (const request of await openRequests(broker)) {
    const { entries } = await endIfTicketClosed(broker, request, ticket);
    made.push(...entries);
  }
  return made;
}

const someTicketEndsGrants = ({ policy }: KnownPolicy, source: string): boolean =>
  Object.values(policy.tickets).some((rule) => rule.source === source && rule.closing === 'ends-grants');

/** By the lists: with a grant that could be used, or still to be decided. */
async function openRequests(broker: Broker): Promise<readonly RequestId[]> {
  const requests = new Set<RequestId>();
  for await (const row of everyRow(broker, { table: 'grants', where: { open: 1 } }))
    requests.add(String(row['request']) as RequestId);
  for await (const row of everyRow(broker, { table: 'waiting', where: { purpose: 'review' } }))
    requests.add(String(row['request']) as RequestId);
  return [...requests];
}

interface Swept {
  readonly entries: readonly number[];
  /** Why a ticket could not be looked at: such a grant goes on, and somebody should know. */
  readonly unchecked: readonly string[];
}

const nothing: Swept = { entries: [], unchecked: [] };

/** @param only left out: whichever ticket it rests on */
const endIfTicketClosed = (broker: Broker, request: RequestId, only?: string): Promise<Swept> =>
  underOnePolicy(() => endOnce(broker, request, only));

async function endOnce(broker: Broker, request: RequestId, only: string | undefined): Promise<Swept> {
  const known = await broker.policies.inForceIfAny();
  const stream = streams.request(request);
  const state = await readRequest(broker, request);
  const rule = known?.rule(state.entitlement)?.rule;
  const nowMs = broker.clock.nowMs();
  const live = liveGrants({ state, nowMs });
  if (known === undefined || rule?.ticket?.closing !== 'ends-grants' || live.length === 0) return nothing;
  const ticket = (await personalTexts(broker, [state.submittedSeq]))(state.submittedSeq, 'ticket');
  if (only !== undefined && ticket !== only) return nothing;
  const tickets = await checkTicketFor(broker, rule, ticket, [...new Set(live.map(({ person }) => person))]);
  const channel = (await providerOfRequest(broker, state))?.revocationChannel ?? 'none';
  const judge = (now: typeof state, atMs: number) =>
    decideTicketSweep({ state: now, rule, tickets, channel, nowMs: atMs });
  const unchecked = tickets.flatMap((one) => whyUnchecked(rule.ticket?.source ?? '', one));
  if (judge(state, nowMs).events.length === 0) return { entries: [], unchecked };
  const made = await broker.sequencer.submit<readonly number[]>({
    by: brokerItself(broker),
    streams: ['policy', stream],
    factsAtMs: nowMs,
    decide(view, decidedAtMs) {
      requireInForce(view, known.digest);
      const { events } = judge(view.state(requestFold, stream), decidedAtMs);
      return { events, result: ({ entries }) => entries.map(({ seq }) => seq) };
    },
  });
  const carried = await carryOut(broker, request, Object.keys(state.grants) as GrantId[]);
  return { entries: [...made, ...carried], unchecked };
}

/** No answer, no such ticket there, or its name erased here: none of them says that it was closed. */
function whyUnchecked(source: string, { check }: TicketOfPerson): readonly string[] {
  if (check.kind === 'unavailable') return [`${source} does not answer (${check.because})`];
  if (check.kind === 'none') return [`${source} knows the ticket of a grant no more`];
  return check.kind === 'not-given' ? [`the name of a ticket of ${source} was erased`] : [];
}
