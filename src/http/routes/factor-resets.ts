import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { confirmReset, requestReset } from '../../app/person/reset-factors.ts';
import { iso } from '../../app/views/time.ts';
import { humanOf } from '../caller.ts';
import { entries, line, personId, resetId, time } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { givenFactor, shown } from '../schemas/factor.ts';

const postReset = createRoute({
  method: 'post',
  path: '/v1/people/{id}/factor-resets',
  tags: ['Factors'],
  summary: 'Ask, as an administrator, that somebody’s factors be taken away',
  description: 'Nothing changes before another administrator confirms it, within a day.',
  request: {
    params: z.strictObject({ id: personId }),
    ...jsonBody(z.strictObject({ reason: line(500), ...shown })),
  },
  responses: {
    201: json('It waits.', z.strictObject({ reset: z.string(), expires_at: time, entries })),
  },
  ...problems('refused-by-rule', 'step-up-needed', 'factor-wrong', 'factor-throttled', 'conflict'),
});

const postConfirmation = createRoute({
  method: 'post',
  path: '/v1/people/{id}/factor-resets/{reset}/confirmation',
  tags: ['Factors'],
  summary: 'Confirm the reset that another administrator asked for',
  description:
    'Factors and recovery codes are gone and every sign-in of theirs ends. Somebody has to vouch for them like for a newcomer.',
  request: {
    params: z.strictObject({ id: personId, reset: resetId }),
    ...jsonBody(z.strictObject(shown)),
  },
  responses: { 200: json('Reset.', z.strictObject({ entries })) },
  ...problems('refused-by-rule', 'step-up-needed', 'factor-wrong', 'factor-throttled', 'not-found'),
});

export const factorResetRoutes = (broker: Broker) =>
  routes()
    .openapi(postReset, async (c) => {
      const { actor } = humanOf(c);
      const body = c.req.valid('json');
      const given = { reason: body.reason, ...givenFactor(body) };
      const asked = await requestReset(broker, actor, c.req.valid('param').id, given);
      return c.json(
        { reset: asked.reset, expires_at: iso(asked.expires_at_ms), entries: asked.entries },
        201,
      );
    })
    .openapi(postConfirmation, async (c) => {
      const { actor } = humanOf(c);
      const { id, reset } = c.req.valid('param');
      const given = givenFactor(c.req.valid('json'));
      return c.json({ entries: await confirmReset(broker, actor, id, reset, given) }, 200);
    });
