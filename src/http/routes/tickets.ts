import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { requireTicketReader, writeTicket } from '../../app/ticket/write-ticket.ts';
import { ticketView } from '../../app/views/ticket-view.ts';
import { Failure } from '../../domain/errors.ts';
import type { TicketChange } from '../../domain/ticket/write.ts';
import { humanOf, idempotencyOf } from '../caller.ts';
import { entries, givenTime, line, list, personId, ticketName, time } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { personName } from '../schemas/grant.ts';

const params = z.strictObject({ ticket: ticketName });
const state = z.enum(['open', 'approved', 'closed']);
const people = z.array(personId).min(1).max(50);
const window = z.strictObject({ from: givenTime, to: givenTime });

const namedPerson = personName.extend({ named_by: personName });
const ticket = z.strictObject({
  ticket: z.string(),
  title: z.string().nullable(),
  project: z.string(),
  state,
  creator: personName,
  responders: list(namedPerson),
  assignee: namedPerson.nullable(),
  approved_by: personName.nullable(),
  window: z.strictObject({ from: time, to: time }).nullable(),
  written_at: time,
  entry: z.int(),
});
const changedTicket = ticket.extend({ entries });

const fields = {
  state: state.optional(),
  assignee: personId.nullable().optional(),
  window: window.nullable().optional(),
};
const opened = z.strictObject({
  ticket: ticketName,
  title: line(200),
  responders: people.optional(),
  ...fields,
});
const changed = z.strictObject({
  title: line(200).optional(),
  add_responders: people.optional(),
  remove_responders: people.optional(),
  ...fields,
});

const postTicket = createRoute({
  method: 'post',
  path: '/v1/tickets',
  tags: ['Tickets'],
  summary: 'Open a ticket in the built-in register',
  request: jsonBody(opened),
  responses: { 201: json('Opened.', changedTicket) },
  ...problems('refused-by-rule', 'conflict', 'idempotency-key-reused'),
});

const getTicket = createRoute({
  method: 'get',
  path: '/v1/tickets/{ticket}',
  tags: ['Tickets'],
  summary: 'A ticket, with who put whom in it',
  request: { params },
  responses: { 200: json('As it stands now.', ticket) },
  ...problems('not-found'),
});

const patchTicket = createRoute({
  method: 'patch',
  path: '/v1/tickets/{ticket}',
  tags: ['Tickets'],
  summary: 'Change a ticket: what is left out stays as it is',
  request: { params, ...jsonBody(changed) },
  responses: { 200: json('Changed.', changedTicket) },
  ...problems('not-found', 'refused-by-rule', 'conflict'),
});

export const ticketRoutes = (broker: Broker) =>
  routes()
    .openapi(postTicket, async (c) => {
      const { actor } = humanOf(c);
      const { ticket: name, responders, ...rest } = c.req.valid('json');
      const how = { create: true, idempotency: idempotencyOf(broker, c) };
      const made = await writeTicket(
        broker,
        actor,
        name,
        changeFrom({ ...rest, add_responders: responders }),
        how,
      );
      return c.json({ ...(await ticketView(broker, name)), entries: made }, 201);
    })
    .openapi(getTicket, async (c) => {
      await requireTicketReader(broker, humanOf(c).actor);
      return c.json(await ticketView(broker, c.req.valid('param').ticket), 200);
    })
    .openapi(patchTicket, async (c) => {
      const { actor } = humanOf(c);
      const { ticket: name } = c.req.valid('param');
      const how = { create: false, idempotency: undefined };
      const made = await writeTicket(broker, actor, name, changeFrom(c.req.valid('json')), how);
      return c.json({ ...(await ticketView(broker, name)), entries: made }, 200);
    });

type Given = z.output<typeof changed>;

function changeFrom({
  title,
  state: to,
  add_responders,
  remove_responders,
  assignee,
  window: given,
}: Given): TicketChange {
  if (given != null && given.from >= given.to) {
    throw new Failure('malformed-input', 'The window ends before it begins.');
  }
  return {
    title,
    state: to,
    addResponders: add_responders,
    removeResponders: remove_responders,
    assignee,
    window: given == null ? given : { from_ms: given.from, to_ms: given.to },
  };
}
