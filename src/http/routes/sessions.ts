import { createRoute, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { Broker } from '../../app/broker.ts';
import { openSession } from '../../app/grant/open-session.ts';
import { iso } from '../../app/views/time.ts';
import { Failure } from '../../domain/errors.ts';
import { actorOf, neededIdempotencyOf } from '../caller.ts';
import { entries, grantId, time } from '../fields.ts';
import type { HttpParts } from '../parts.ts';
import { problemAnswer } from '../problem.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { givenFactor, shown } from '../schemas/factor.ts';
import { requireSessionsInBrowsers } from '../sessions-in-browsers.ts';

const credentials = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('token'), token: z.string(), audience: z.string() }),
  z.strictObject({
    kind: z.literal('aws'),
    access_key_id: z.string(),
    secret_access_key: z.string(),
    session_token: z.string(),
    region: z.string().nullable(),
  }),
]);

const postSession = createRoute({
  method: 'post',
  path: '/v1/grants/{id}/sessions',
  tags: ['Grants'],
  summary: 'Open a session: the credentials come in this answer and never again',
  description:
    'Needs an `Idempotency-Key`. When the answer was lost, the same call tells the session’s id with `already-done`; open another with a new key.',
  request: {
    params: z.strictObject({ id: grantId }),
    ...jsonBody(z.strictObject(shown)),
  },
  responses: {
    201: json(
      'Open.',
      z.strictObject({ session: z.string(), grant: z.string(), expires_at: time, credentials, entries }),
    ),
  },
  ...problems(
    'not-found',
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'already-done',
    'idempotency-key-needed',
    'idempotency-key-reused',
    'provider-refused',
    'provider-unavailable',
  ),
});

export const sessionRoutes = (broker: Broker, parts: Pick<HttpParts, 'sessionsInBrowsers'>) =>
  routes().openapi(postSession, async (c) => {
    requireSessionsInBrowsers(c, parts);
    const given = { ...givenFactor(c.req.valid('json')), idempotency: neededIdempotencyOf(broker, c) };
    const opened = await openSession(broker, actorOf(c), c.req.valid('param').id, given);
    if (opened.credentials === null) {
      const res = problemAnswer(c, broker.publicUrl, answeredBefore(), { session: opened.session });
      throw new HTTPException(409, { res });
    }
    const { session, grant, expires_at_ms, credentials: once, entries: made } = opened;
    return c.json({ session, grant, expires_at: iso(expires_at_ms), credentials: once, entries: made }, 201);
  });

const answeredBefore = (): Failure =>
  new Failure('already-done', 'This opening was answered before, and credentials are never given twice.', {
    mend: 'Open another session with a new Idempotency-Key; this one ends with the grant.',
  });
