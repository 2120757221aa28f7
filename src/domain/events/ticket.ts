import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { id, name, time_ms } from './fields.ts';
import { entityManagement } from './ocsf.ts';
import { ticket_facts } from './ticket-facts.ts';

export const ticketEvents = {
  'countersign.ticket.written.v1': event(
    {
      source: name,
      project: name,
      state: z.enum(['open', 'approved', 'closed']),
      creator: id,
      responders: z
        .array(z.strictObject({ person: id, named_by: id }))
        .describe('Who put each responder there: only somebody else’s word counts as a voucher.'),
      assignee: z.strictObject({ person: id, named_by: id }).nullable(),
      approved_by: id.nullable(),
      window: z.strictObject({ from_ms: time_ms, to_ms: time_ms }).nullable(),
    },
    {
      sentence:
        'A ticket of {project} ({source}) was written: {state}[, assigned to {assignee.person}][, with {responders.person} responding].',
      ocsf: ({ source, state }) => entityManagement('Update', 'ticket', source, { detail: state }),
    },
    'ticket',
    'title',
  ),
  'countersign.ticket.checked.v1': event(
    /** The part that a ticket gives somebody is this person's. */
    { request: id, person: id, at: z.enum(['submit', 'review', 'open', 'sweep']), facts: ticket_facts },
    {
      sentence:
        'The ticket of {request} was looked up {at|submit: at the ask|review: for a review|open: for a session|sweep: again}: it is {facts.state}, and {person} is {facts.part|responder: a responder|assignee: its assignee|none: no part of it}.',
      ocsf: ({ request, facts }) => entityManagement('Read', 'ticket', request, { detail: facts.state }),
    },
    'ticket',
  ),
} as const satisfies Record<string, EventSpec>;
