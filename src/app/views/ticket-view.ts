import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import { readTicket } from '../ticket/write-ticket.ts';
import { namesOf, type PersonName } from './names.ts';
import { iso } from './time.ts';

interface NamedPerson extends PersonName {
  readonly named_by: PersonName;
}

export interface TicketView {
  readonly ticket: string;
  readonly title: string | null;
  readonly project: string;
  readonly state: 'open' | 'approved' | 'closed';
  readonly creator: PersonName;
  readonly responders: readonly NamedPerson[];
  readonly assignee: NamedPerson | null;
  readonly approved_by: PersonName | null;
  readonly window: { readonly from: string; readonly to: string } | null;
  readonly written_at: string;
  readonly entry: number;
}

/** A ticket of the built-in register. @throws Failure `malformed-input`, `not-found` */
export async function ticketView(broker: Broker, ticketName: string): Promise<TicketView> {
  const { ticket: name, title, state } = await readTicket(broker, ticketName);
  const { ticket } = state;
  if (ticket === null) throw notFound('ticket');
  const named = [...ticket.responders, ...(ticket.assignee === null ? [] : [ticket.assignee])];
  const approver = ticket.approved_by === null ? [] : [ticket.approved_by];
  const persons = named.flatMap(({ person, named_by }) => [person, named_by]);
  const nameOf = await namesOf(broker, [ticket.creator, ...approver, ...persons]);
  const told = (one: { readonly person: string; readonly named_by: string }): NamedPerson => {
    return { ...nameOf(one.person), named_by: nameOf(one.named_by) };
  };
  return {
    ticket: name,
    title,
    project: ticket.project,
    state: ticket.state,
    creator: nameOf(ticket.creator),
    responders: ticket.responders.map(told),
    assignee: ticket.assignee === null ? null : told(ticket.assignee),
    approved_by: ticket.approved_by === null ? null : nameOf(ticket.approved_by),
    window:
      ticket.window === null ? null : { from: iso(ticket.window.from_ms), to: iso(ticket.window.to_ms) },
    written_at: iso(state.writtenAtMs),
    entry: state.seq,
  };
}
