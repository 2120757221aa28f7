import { type GrantId, type RequestId, streams } from '../../domain/ids.ts';
import { decideTicketSweep, liveGrants } from '../../domain/request/cut-off.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { TicketOfPerson } from '../../domain/request/submit-context.ts';
import type { Broker } from '../broker.ts';
import { everyRow } from '../every-row.ts';
import type { GoOn } from '../jobs/job.ts';
import { type KnownPolicy, requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { checkTicketFor } from '../ticket/ticket-check.ts';
import { ticketNameOf } from '../ticket/ticket-name.ts';
import { carryOut, cutOffWhatMust } from './cut-off-grants.ts';
import { readRequest } from './find-grant.ts';
import { brokerItself, providerOfRequest } from './revoke-at-provider.ts';

/**
 * Looks at everything that could still be used: ends what has to end since somebody left, an extended grant was
 * revoked, or a ticket was closed, whoever should have ended it at the time. Safe to run anywhere, any number of times:
 * lists say where to look, each decision is taken against what stands.
 */
export async function sweepGrants(broker: Broker, goOn: GoOn = async () => true): Promise<void> {
  // A source that does not answer is asked once in a sweep, or a stalled one would hold up all the others.
  const silent = new Set<string>();
  const unchecked = new Set<string>();
  for (const request of await openRequests(broker)) {
    if (!(await goOn())) return;
    try {
      await cutOffWhatMust(broker, request);
      const swept = await endIfTicketClosed(broker, request, (_, source) => !silent.has(source));
      for (const { source, because, isSilent } of swept.unchecked) {
        unchecked.add(because);
        if (isSilent) silent.add(source);
      }
    } catch (error) {
      broker.report({ what: `what ${request} became could not be looked at; it is tried again`, error });
    }
  }
  for (const because of unchecked)
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
    const { entries } = await endIfTicketClosed(broker, request, (name) => name === ticket);
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
  readonly unchecked: readonly {
    readonly source: string;
    readonly because: string;
    /** It did not answer at all. */
    readonly isSilent: boolean;
  }[];
}

const nothing: Swept = { entries: [], unchecked: [] };

type IsMeant = (ticket: string | null, source: string) => boolean;

const endIfTicketClosed = (broker: Broker, request: RequestId, isMeant: IsMeant): Promise<Swept> =>
  underOnePolicy(() => endOnce(broker, request, isMeant));

async function endOnce(broker: Broker, request: RequestId, isMeant: IsMeant): Promise<Swept> {
  const known = await broker.policies.inForceIfAny();
  const stream = streams.request(request);
  const state = await readRequest(broker, request);
  const rule = known?.rule(state.entitlement)?.rule;
  const nowMs = broker.clock.nowMs();
  const live = liveGrants({ state, nowMs });
  if (known === undefined || rule?.ticket?.closing !== 'ends-grants' || live.length === 0) return nothing;
  const ticket = await ticketNameOf(broker, state);
  const { source } = rule.ticket;
  if (!isMeant(ticket, source)) return nothing;
  const tickets = await checkTicketFor(broker, rule, ticket, [...new Set(live.map(({ person }) => person))]);
  const channel = (await providerOfRequest(broker, state))?.revocationChannel ?? 'none';
  const judge = (now: typeof state, atMs: number) =>
    decideTicketSweep({ state: now, rule, tickets, channel, nowMs: atMs });
  const unchecked = tickets.flatMap((one) => whyUnchecked(source, one));
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
function whyUnchecked(source: string, { check }: TicketOfPerson): Swept['unchecked'] {
  const of = (because: string, isSilent = false) => [{ source, because, isSilent }];
  if (check.kind === 'unavailable') return of(`${source} does not answer (${check.because})`, true);
  if (check.kind === 'none') return of(`${source} knows the ticket of a grant no more`);
  return check.kind === 'not-given' ? of(`the name of a ticket of ${source} was erased`) : [];
}
