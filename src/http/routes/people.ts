import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { findPeople } from '../../app/views/find-people.ts';
import { iso } from '../../app/views/time.ts';
import { vouchForPerson } from '../../app/vouch-for-person.ts';
import { humanOf } from '../caller.ts';
import { entries, line, list, personId, time, totp } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';

const person = z.strictObject({ person: z.string(), display_name: z.string(), issuer: z.string() });

const getPeople = createRoute({
  method: 'get',
  path: '/v1/people',
  tags: ['People'],
  summary: 'Find a colleague who has signed in, by the beginning of their name',
  request: { query: z.strictObject({ name: line(100) }) },
  responses: { 200: json('At most 20.', z.strictObject({ items: list(person) })) },
});

const postVoucher = createRoute({
  method: 'post',
  path: '/v1/people/{id}/vouchers',
  tags: ['Factors'],
  summary: 'Vouch for a colleague, so that they can enrol their first factor',
  description: 'The code is shown this once. Hand it over in person or by a call, never in a chat.',
  request: { params: z.strictObject({ id: personId }), ...jsonBody(z.strictObject({ totp })) },
  responses: {
    201: json(
      'A code for that person alone.',
      z.strictObject({ enrolment_code: z.string(), expires_at: time, entries }),
    ),
  },
  ...problems('refused-by-rule', 'factor-wrong', 'factor-throttled', 'not-found'),
});

export const peopleRoutes = (broker: Broker) =>
  routes()
    .openapi(getPeople, async (c) => {
      humanOf(c);
      return c.json({ items: await findPeople(broker, c.req.valid('query').name) }, 200);
    })
    .openapi(postVoucher, async (c) => {
      const { actor } = humanOf(c);
      const { id } = c.req.valid('param');
      const vouched = await vouchForPerson(broker, actor, id, c.req.valid('json').totp);
      const { enrolment_code, expires_at_ms, entries: made } = vouched;
      return c.json({ enrolment_code, expires_at: iso(expires_at_ms), entries: made }, 201);
    });
