import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { id, name, time_ms } from './fields.ts';
import { ticket_facts } from './ticket-facts.ts';

export const ticketEvents = {
  'countersign.ticket.written.v1': event(
    {
      source: name,
      project: name,
      state: z.enum(['open', 'approved', 'closed']),
      creator: id,
      /** Who put each responder there: only somebody else's word counts as a voucher. */
      responders: z.array(z.strictObject({ person: id, named_by: id })),
      assignee: z.strictObject({ person: id, named_by: id }).nullable(),
      approved_by: id.nullable(),
      window: z.strictObject({ from_ms: time_ms, to_ms: time_ms }).nullable(),
    },
    'A ticket of {source} was written: {state}.',
    'ticket',
    'title',
  ),
  'countersign.ticket.checked.v1': event(
    /** The part that a ticket gives somebody is this person's. */
    { request: id, person: id, at: z.enum(['submit', 'review', 'open', 'sweep']), facts: ticket_facts },
    'The ticket of {request} was checked for {person} at {at}.',
    'ticket',
  ),
} as const satisfies Record<string, EventSpec>;
