import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import { type StreamId, streams } from '../../domain/ids.ts';
import { type TicketState, ticketFold } from '../../domain/ticket/state.ts';
import { decideWriteTicket, type TicketChange } from '../../domain/ticket/write.ts';
import { base64url, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import { endGrantsOfTicket } from '../grant/sweep-grants.ts';
import { refusalStreams, refusalsState } from '../person/factor.ts';
import { personalTexts } from '../personal-text.ts';
import { requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf, groupsNow, type Idempotency } from '../prepared.ts';

/** Project, hyphen, number: the only spelling there is, so nothing else can reach a stream's name or a URL. */
export const ticketPattern = /^([A-Z][A-Z0-9]{0,15})-([1-9][0-9]{0,9})$/;

/**
 * A ticket's name is personal text, so its stream is named by a keyed hash of it: the same ticket, the same stream,
 * and nobody reads the one from the other.
 */
export function ticketStream(
  broker: Pick<Broker, 'hasher' | 'incidentKey'>,
  source: string,
  ticket: string,
): StreamId {
  const mark = broker.hasher.hmacSha256(
    broker.incidentKey,
    utf8(`countersign/ticket/v1\n${source}\n${ticket}`),
  );
  return streams.ticket(source, base64url(mark).slice(0, 22));
}

export const REGISTER = 'register';

interface How {
  readonly create: boolean;
  readonly idempotency: Idempotency | undefined;
}

/** Opens a ticket of the built-in register, or changes one. */
export const writeTicket = (
  broker: Broker,
  actor: Actor,
  ticket: string,
  change: TicketChange,
  how: How,
): Promise<readonly number[]> => underOnePolicy(() => writeAndEnd(broker, actor, ticket, change, how));

/** What rests on a ticket that was closed ends at once. What cannot be ended now, the next sweep ends. */
async function writeAndEnd(
  broker: Broker,
  actor: Actor,
  ticket: string,
  change: TicketChange,
  how: How,
): Promise<readonly number[]> {
  const written = await writeOnce(broker, actor, ticket, change, how);
  if (how.create) return written;
  try {
    return [...written, ...(await endGrantsOfTicket(broker, REGISTER, ticket))];
  } catch (error) {
    broker.report({ what: 'grants that rest on a ticket could not be ended; it is tried again', error });
    return written;
  }
}

async function writeOnce(
  broker: Broker,
  actor: Actor,
  ticket: string,
  change: TicketChange,
  how: How,
): Promise<readonly number[]> {
  const project = ticketPattern.exec(ticket)?.[1];
  if (project === undefined) throw badTicketName(ticket);
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForce();
  const stream = ticketStream(broker, REGISTER, ticket);
  const before = (await broker.sequencer.read([stream])).state(ticketFold, stream);
  const title = change.title ?? (await titleOf(broker, before)) ?? ticket;
  const command = commandOf<readonly number[]>({
    actor,
    streams: ['policy', stream, ...refusalStreams(actor.person, nowMs)],
    factsAtMs: nowMs,
    idempotency: how.idempotency,
    about: ticket,
    replay: () => [],
    judge(view, decidedAtMs) {
      requireInForce(view, known.digest);
      const state = view.state(ticketFold, stream);
      if (how.create && state.ticket !== null) throw new Failure('conflict', `${ticket} exists already.`);
      if (!how.create && state.ticket === null) throw notFound('ticket');
      // The title was read beside the state that this decision replaces.
      if (state.seq !== before.seq)
        throw new Failure('conflict', `${ticket} was changed at this very moment; try again.`);
      const refusals = refusalsState(view, actor.person, decidedAtMs);
      return decideWriteTicket({
        actor,
        groups: groupsNow(known.policy, actor, decidedAtMs),
        humans: known.policy,
        state,
        change,
        source: REGISTER,
        project,
        ticket: stream.slice(`ticket/${REGISTER}/`.length),
        name: ticket,
        title,
        refusals,
        nowMs: decidedAtMs,
      });
    },
    result: ({ entries }) => entries.map(({ seq }) => seq),
  });
  return broker.sequencer.submit(command);
}

export const badTicketName = (ticket: string): Failure =>
  new Failure('malformed-input', `“${ticket.slice(0, 40)}” is not the name of a ticket.`, {
    mend: 'A ticket is named PROJECT-NUMBER in capitals, for example INC-2291.',
  });

async function titleOf(broker: Broker, state: TicketState): Promise<string | null> {
  if (state.ticket === null) return null;
  return (await personalTexts(broker, [state.seq]))(state.seq, 'title');
}

/** @throws Failure `not-found`: for whoever is in none of the policy's groups there are no tickets */
export async function requireTicketReader(broker: Broker, actor: Actor): Promise<void> {
  const { policy } = await broker.policies.inForce();
  if (groupsNow(policy, actor, broker.clock.nowMs()).length === 0) throw notFound('ticket');
}

export interface TicketView {
  readonly ticket: string;
  readonly title: string | null;
  readonly state: TicketState;
}

export async function readTicket(broker: Broker, ticket: string): Promise<TicketView> {
  if (!ticketPattern.test(ticket)) throw badTicketName(ticket);
  const stream = ticketStream(broker, REGISTER, ticket);
  const state = (await broker.sequencer.read([stream])).state(ticketFold, stream);
  if (state.ticket === null) throw notFound('ticket');
  return { ticket, title: await titleOf(broker, state), state };
}
