import type { View } from '../app/command.ts';
import type { TicketSnapshot, TicketSource } from '../app/ports.ts';
import { digestOf } from '../domain/digest.ts';
import type { TicketFacts } from '../domain/events.ts';
import type { StreamId } from '../domain/ids.ts';
import { type TicketState, ticketFold } from '../domain/ticket/state.ts';
import type { Hasher } from '../log/hasher.ts';

type Ticket = NonNullable<TicketState['ticket']>;

/** The register that is built in: its tickets are entries of our own log, so a check is a fold of them. */
export function ticketRegister(parts: {
  readonly name: string;
  readonly hasher: Hasher;
  readonly isTicketName: (ticket: string) => boolean;
  readonly streamOf: (ticket: string) => StreamId;
  readonly read: (streams: readonly StreamId[]) => Promise<View>;
  readonly titleAt: (seq: number) => Promise<string | null>;
}): TicketSource {
  return {
    name: parts.name,
    async check(ticket, person, nowMs, identities): Promise<TicketSnapshot | undefined> {
      if (!parts.isTicketName(ticket)) return undefined;
      const stream = parts.streamOf(ticket);
      const state = (await parts.read([stream])).state(ticketFold, stream);
      if (state.ticket === null) return undefined;
      const facts = factsOf(parts.hasher, state.ticket, { person, identities }, nowMs);
      return { facts, ticket, title: (await parts.titleAt(state.seq)) ?? ticket };
    },
  };
}

/** Whose part is told; and as whom else they could have written. */
interface Whose {
  readonly person: string;
  readonly identities: readonly string[];
}

function factsOf(hasher: Hasher, ticket: Ticket, whose: Whose, nowMs: number): TicketFacts {
  const { person } = whose;
  const responder = ticket.responders.find((named) => named.person === person);
  const assignee = ticket.assignee?.person === person ? ticket.assignee : undefined;
  return {
    source: ticket.source,
    project: ticket.project,
    state: ticket.state,
    window: ticket.window,
    part: responder !== undefined ? 'responder' : assignee !== undefined ? 'assignee' : 'none',
    vouched_by_another: isVouchedByAnother(ticket, whose),
    fetched_at_ms: nowMs,
    response_digest: digestOf(hasher, ticket),
  };
}

/**
 * Somebody else put this person in the ticket, or approved it. Who is not in it at all (a rule may ask for no part) is
 * vouched for by whoever else opened it; who put themselves in, by whichever login, is not.
 */
function isVouchedByAnother(ticket: Ticket, { person, identities }: Whose): boolean {
  const isAnother = (writer: string) => !identities.includes(writer);
  const named = [...ticket.responders, ...(ticket.assignee === null ? [] : [ticket.assignee])];
  const own = named.filter((entry) => entry.person === person);
  const byOther =
    own.length === 0 ? isAnother(ticket.creator) : own.some((entry) => isAnother(entry.named_by));
  return byOther || (ticket.approved_by !== null && isAnother(ticket.approved_by));
}
