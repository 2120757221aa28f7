import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { recordLeaving, recordReturn } from '../../app/person/record-leaving.ts';
import { vouchForPerson, vouchForRecovery } from '../../app/person/vouch-for-person.ts';
import { findPeople } from '../../app/views/find-people.ts';
import { personView } from '../../app/views/person-view.ts';
import { iso } from '../../app/views/time.ts';
import { humanOf } from '../caller.ts';
import { entries, factorId, line, list, personId, time } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { givenFactor, shown } from '../schemas/factor.ts';

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
  request: { params: z.strictObject({ id: personId }), ...jsonBody(z.strictObject(shown)) },
  responses: {
    201: json(
      'A code for that person alone.',
      z.strictObject({ enrolment_code: z.string(), expires_at: time, entries }),
    ),
  },
  ...problems('refused-by-rule', 'step-up-needed', 'factor-wrong', 'factor-throttled', 'not-found'),
});

const getPerson = createRoute({
  method: 'get',
  path: '/v1/people/{id}',
  tags: ['People'],
  summary: 'Whether somebody is still here, and what waits for a colleague of theirs',
  request: { params: z.strictObject({ id: personId }) },
  responses: {
    200: json(
      '`resets` is told to administrators only.',
      z.strictObject({
        person: z.string(),
        display_name: z.string().nullable(),
        issuer: z.string().nullable(),
        left: z.boolean(),
        recovered: list(z.strictObject({ factor: z.string(), enrolled_at: time })),
        resets: list(
          z.strictObject({
            reset: z.string(),
            requested_by: z.string(),
            reason: z.string().nullable(),
            expires_at: time,
          }),
        ),
      }),
    ),
  },
  ...problems('not-found'),
});

const postRecoveryVoucher = createRoute({
  method: 'post',
  path: '/v1/people/{id}/recovery-vouchers',
  tags: ['Factors'],
  summary: 'Vouch that it was a colleague themselves who used a recovery code',
  description:
    'Until somebody does, the factor it enrolled proves nothing. `factor` is needed where several of theirs wait.',
  request: {
    params: z.strictObject({ id: personId }),
    ...jsonBody(z.strictObject({ ...shown, factor: factorId.optional() })),
  },
  responses: { 201: json('It counts from now on.', z.strictObject({ entries })) },
  ...problems(
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'conflict',
    'not-found',
  ),
});

const why = jsonBody(z.strictObject({ reason: line(500), ...shown }));
const whom = list(z.string()).openapi({ description: 'Every identity of that human.' });

const postLeaving = createRoute({
  method: 'post',
  path: '/v1/people/{id}/leaving',
  tags: ['People'],
  summary: 'Record, as an administrator, that somebody has left',
  description:
    'Their sign-ins and grants end at once, what they asked for is cancelled, what they approved opens nothing more. Sent again, it ends what a crash may have left.',
  request: { params: z.strictObject({ id: personId }), ...why },
  responses: {
    200: json(
      'Recorded, by `entries`; none where it was before. `ended` are the entries of what ended by it.',
      z.strictObject({ people: whom, entries, ended: entries }),
    ),
  },
  ...problems('refused-by-rule', 'step-up-needed', 'factor-wrong', 'factor-throttled', 'not-found'),
});

const postReturn = createRoute({
  method: 'post',
  path: '/v1/people/{id}/return',
  tags: ['People'],
  summary: 'Record, as an administrator, that somebody is back',
  description: 'They may sign in again. What ended stays over, and what they had approved counts no more.',
  request: { params: z.strictObject({ id: personId }), ...why },
  responses: { 200: json('Recorded.', z.strictObject({ people: whom, entries })) },
  ...problems(
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'conflict',
    'not-found',
  ),
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
      const vouched = await vouchForPerson(broker, actor, id, givenFactor(c.req.valid('json')));
      const { enrolment_code, expires_at_ms, entries: made } = vouched;
      return c.json({ enrolment_code, expires_at: iso(expires_at_ms), entries: made }, 201);
    })
    .openapi(getPerson, async (c) => {
      const { actor } = humanOf(c);
      return c.json(await personView(broker, actor, c.req.valid('param').id), 200);
    })
    .openapi(postRecoveryVoucher, async (c) => {
      const { actor } = humanOf(c);
      const body = c.req.valid('json');
      const given = { ...givenFactor(body), factor: body.factor ?? null };
      return c.json({ entries: await vouchForRecovery(broker, actor, c.req.valid('param').id, given) }, 201);
    })
    .openapi(postLeaving, async (c) => {
      const { actor } = humanOf(c);
      const body = c.req.valid('json');
      const given = { reason: body.reason, ...givenFactor(body) };
      return c.json(await recordLeaving(broker, actor, c.req.valid('param').id, given), 200);
    })
    .openapi(postReturn, async (c) => {
      const { actor } = humanOf(c);
      const body = c.req.valid('json');
      const given = { reason: body.reason, ...givenFactor(body) };
      return c.json(await recordReturn(broker, actor, c.req.valid('param').id, given), 200);
    });
