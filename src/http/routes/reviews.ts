import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { signingOptions as signingOptionsOf } from '../../app/request/prepare-act.ts';
import { prepareBreakGlassReview, reviewBreakGlass } from '../../app/request/review-break-glass.ts';
import { prepareReview, reviewRequest } from '../../app/request/review-request.ts';
import { oneRequestView } from '../../app/views/request-view.ts';
import { visibleRequest } from '../../app/views/visible.ts';
import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import { actorOf, idempotencyOf } from '../caller.ts';
import { digest, factorId, narrowedScope, paragraph, requestId, seconds } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { givenFactor, shown, signingOptions } from '../schemas/factor.ts';
import { changedRequestSchema } from '../schemas/request.ts';
import { breakGlassStatement, reviewStatement } from '../schemas/statement.ts';

const params = z.strictObject({ id: requestId });

const wanted = z.strictObject({
  verdict: z.enum(['approve', 'deny']),
  duration_seconds: seconds.optional().openapi({ description: 'Shorter than asked, never longer.' }),
  scope: narrowedScope.optional().openapi({ description: 'Part of what is asked, never more.' }),
  factor: factorId.optional(),
});

const postStatement = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/statements',
  tags: ['Reviews'],
  summary: 'What you are about to sign, made from what stands now',
  description:
    'Look at it, compare its digest (SHA-256 over its RFC 8785 form), then send it back with a code. It lives five minutes.',
  request: { params, ...jsonBody(wanted) },
  responses: {
    200: json(
      'To be signed.',
      z.strictObject({
        statement: reviewStatement,
        statement_digest: digest,
        passkey: signingOptions,
      }),
    ),
  },
  ...problems('not-found', 'refused-by-rule', 'factor-missing'),
});

const postReview = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/reviews',
  tags: ['Reviews'],
  summary: 'Decide, over the statement you were shown',
  description: 'A denial gives its reason.',
  request: {
    params,
    ...jsonBody(z.strictObject({ statement: reviewStatement, reason: paragraph(2000).optional(), ...shown })),
  },
  responses: { 201: json('Decided.', changedRequestSchema) },
  ...problems(
    'not-found',
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'stale',
    'conflict',
    'idempotency-key-reused',
  ),
});

const postBreakGlassStatement = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/break-glass-statements',
  tags: ['Reviews'],
  summary: 'The statement about an emergency that you are about to sign',
  request: {
    params,
    ...jsonBody(
      z.strictObject({ verdict: z.enum(['justified', 'not-justified']), factor: factorId.optional() }),
    ),
  },
  responses: {
    200: json(
      'To be signed.',
      z.strictObject({
        statement: breakGlassStatement,
        statement_digest: digest,
        passkey: signingOptions,
      }),
    ),
  },
  ...problems('not-found', 'factor-missing'),
});

const postBreakGlassReview = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/break-glass-reviews',
  tags: ['Reviews'],
  summary: 'Judge an emergency, afterwards',
  request: {
    params,
    ...jsonBody(z.strictObject({ statement: breakGlassStatement, reason: paragraph(2000), ...shown })),
  },
  responses: { 201: json('Judged.', changedRequestSchema) },
  ...problems(
    'not-found',
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'conflict',
    'idempotency-key-reused',
  ),
});

async function toSign<T extends { readonly factor: string }>(
  broker: Broker,
  actor: Actor,
  { statement, digest: statementDigest }: { readonly statement: T; readonly digest: string },
) {
  const passkey = await signingOptionsOf(broker, actor, {
    factor: statement.factor,
    digest: statementDigest,
  });
  return { statement, statement_digest: statementDigest, passkey };
}

export const reviewRoutes = (broker: Broker) =>
  routes()
    .openapi(postStatement, async (c) => {
      const { id } = c.req.valid('param');
      const { verdict, duration_seconds, scope, factor } = c.req.valid('json');
      const prepared = await prepareReview(broker, actorOf(c), id, {
        verdict,
        seconds: duration_seconds,
        scope,
        factor,
      });
      return c.json(await toSign(broker, actorOf(c), prepared), 200);
    })
    .openapi(postReview, async (c) => {
      const { id } = c.req.valid('param');
      const { statement, reason = null, ...factor } = c.req.valid('json');
      if (statement.verdict === 'deny' && reason === null) {
        throw new Failure('malformed-input', 'A denial gives its reason.', { mend: 'Send `reason`.' });
      }
      const idempotency = idempotencyOf(broker, c);
      const given = { statement, reason, ...givenFactor(factor), idempotency };
      const { entries } = await reviewRequest(broker, actorOf(c), id, given);
      const state = await visibleRequest(broker, actorOf(c), id);
      return c.json({ ...(await oneRequestView(broker, state)), entries }, 201);
    })
    .openapi(postBreakGlassStatement, async (c) => {
      const { id } = c.req.valid('param');
      await visibleRequest(broker, actorOf(c), id);
      const prepared = await prepareBreakGlassReview(broker, actorOf(c), id, c.req.valid('json'));
      return c.json(await toSign(broker, actorOf(c), prepared), 200);
    })
    .openapi(postBreakGlassReview, async (c) => {
      const { id } = c.req.valid('param');
      const { statement, reason, ...factor } = c.req.valid('json');
      await visibleRequest(broker, actorOf(c), id);
      const idempotency = idempotencyOf(broker, c);
      const given = { statement, reason, ...givenFactor(factor), idempotency };
      const entries = await reviewBreakGlass(broker, actorOf(c), id, given);
      const state = await visibleRequest(broker, actorOf(c), id);
      return c.json({ ...(await oneRequestView(broker, state)), entries }, 201);
    });
