import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import type { Idempotency } from '../../app/prepared.ts';
import { nudgeOf, nudgeReviewers } from '../../app/request/nudge-reviewers.ts';
import { signingOptions as signingOptionsOf } from '../../app/request/prepare-act.ts';
import { prepareAsk, submitRequest } from '../../app/request/submit-request.ts';
import { withdrawRequest } from '../../app/request/withdraw-request.ts';
import { listRequests, listWaiting } from '../../app/views/list-requests.ts';
import { isOverseer } from '../../app/views/oversight.ts';
import { oneRequestView, requestViews } from '../../app/views/request-view.ts';
import { isoOrNull } from '../../app/views/time.ts';
import { timelineOf } from '../../app/views/timeline.ts';
import { visibleRequest } from '../../app/views/visible.ts';
import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import type { RequestId } from '../../domain/ids.ts';
import type { Asked } from '../../domain/request/submit-context.ts';
import { actorOf, idempotencyOf } from '../caller.ts';
import {
  cursorOf,
  entitlementName,
  entries,
  factorId,
  flag,
  givenTime,
  grantId,
  line,
  list,
  narrowedScope,
  pageOf,
  pageQuery,
  paragraph,
  personId,
  requestId,
  seconds,
  ticketName,
  time,
} from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { givenFactor, preparedAct, shown } from '../schemas/factor.ts';
import { personName } from '../schemas/grant.ts';
import { changedRequestSchema, requestSchema } from '../schemas/request.ts';

const params = z.strictObject({ id: requestId });

const asked = z.strictObject({
  entitlement: entitlementName,
  duration_seconds: seconds,
  people: z
    .array(personId)
    .min(1)
    .max(20)
    .optional()
    .openapi({ description: 'For whom; left out: for yourself. A grant and a factor each.' }),
  targets: z
    .array(entitlementName)
    .min(1)
    .max(20)
    .optional()
    .openapi({ description: 'Where; left out: the only target that the entitlement has.' }),
  parameters: z
    .record(entitlementName, line(128))
    .optional()
    .openapi({ description: 'What the entitlement’s parameters are filled with.' }),
  starts_at: givenTime.optional().openapi({ description: 'Left out: as soon as it is approved.' }),
  extends: grantId
    .optional()
    .openapi({ description: 'A running grant of yours that this carries on, from its end.' }),
  ticket: ticketName.optional(),
  justification: paragraph(2000),
  scope: narrowedScope.optional().openapi({ description: 'Left out: all that the entitlement allows.' }),
  break_glass: z
    .boolean()
    .optional()
    .openapi({ description: 'An emergency: access now, judged afterwards by somebody else.' }),
});

const postRequest = createRoute({
  method: 'post',
  path: '/v1/requests',
  tags: ['Requests'],
  summary: 'Ask for an entitlement',
  request: jsonBody(asked.extend(shown)),
  responses: { 201: json('Recorded; it now waits for the people it names.', changedRequestSchema) },
  ...problems(
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'ticket-source-unavailable',
    'idempotency-key-reused',
  ),
});

const postStatement = createRoute({
  method: 'post',
  path: '/v1/requests/statements',
  tags: ['Requests'],
  summary: 'What you sign to ask with a passkey; nothing is asked yet',
  description: 'Send the same ask again with `passkey`, its `statement` in it. It lives five minutes.',
  request: jsonBody(asked.extend({ factor: factorId.optional() })),
  responses: { 200: json('To be signed.', preparedAct) },
  ...problems('factor-missing', 'ticket-source-unavailable'),
});

const getRequests = createRoute({
  method: 'get',
  path: '/v1/requests',
  tags: ['Requests'],
  summary: 'List requests, newest first',
  description:
    '`mine=true`: your own. `waiting=true`: what you could decide now. Neither: everybody’s for auditors and administrators, your own for everybody else.',
  request: { query: z.strictObject({ mine: flag, waiting: flag, ...pageQuery }) },
  responses: { 200: json('A page.', pageOf(requestSchema)) },
});

const getRequest = createRoute({
  method: 'get',
  path: '/v1/requests/{id}',
  tags: ['Requests'],
  summary: 'One request, with its reviews and its grants',
  request: { params },
  responses: { 200: json('As it stands now.', requestSchema) },
  ...problems('not-found'),
});

const timelineItem = z.strictObject({
  entry: z.int(),
  at: time,
  type: z.string(),
  sentence: z.string(),
  by: z.strictObject({
    kind: z.enum(['human', 'workload', 'broker', 'console']),
    person: personName.nullable(),
  }),
});

const getTimeline = createRoute({
  method: 'get',
  path: '/v1/requests/{id}/timeline',
  tags: ['Requests'],
  summary: 'Everything that happened to it, each step with its log entry',
  request: { params },
  responses: { 200: json('In order.', z.strictObject({ items: list(timelineItem) })) },
  ...problems('not-found'),
});

const postWithdrawal = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/withdrawal',
  tags: ['Requests'],
  summary: 'Take your undecided request back',
  request: { params },
  responses: { 200: json('Withdrawn.', changedRequestSchema) },
  ...problems('not-found', 'refused-by-rule', 'conflict'),
});

const postNudge = createRoute({
  method: 'post',
  path: '/v1/requests/{id}/nudges',
  tags: ['Requests'],
  summary: 'Remind those whose turn it is of a request of yours that waits',
  description:
    'Three times a request at most: from a quarter of an hour after their turn came, an hour apart. Each group is written to as soon as it was not written to too often within the hour.',
  request: { params },
  responses: {
    201: json(
      'Recorded; they are told by the ways that the policy names.',
      z.strictObject({
        request: z.string(),
        groups: list(z.string()).openapi({ description: 'Who hears of it.' }),
        channels: list(z.enum(['email', 'webhook'])),
        again_from: time.nullable().openapi({ description: 'null: not again.' }),
        entries,
      }),
    ),
  },
  ...problems('not-found', 'refused-by-rule', 'idempotency-key-reused'),
});

export const requestRoutes = (broker: Broker) =>
  routes()
    .openapi(postRequest, async (c) => {
      const body = c.req.valid('json');
      const given = { ...givenFactor(body), idempotency: idempotencyOf(broker, c) };
      const { request, entries } = await submitRequest(broker, actorOf(c), askedFrom(body), given);
      const state = await visibleRequest(broker, actorOf(c), request);
      return c.json({ ...(await oneRequestView(broker, state)), entries }, 201);
    })
    .openapi(postStatement, async (c) => {
      const body = c.req.valid('json');
      const { act, digest } = await prepareAsk(broker, actorOf(c), askedFrom(body), body.factor);
      const passkey = await signingOptionsOf(broker, actorOf(c), { factor: act.factor, digest });
      return c.json({ statement: act, statement_digest: digest, passkey }, 200);
    })
    .openapi(getRequests, async (c) => {
      const { mine, waiting, limit, cursor } = c.req.valid('query');
      const actor = actorOf(c);
      if (mine !== undefined && waiting !== undefined) {
        throw new Failure(
          'malformed-input',
          'What is yours never waits for you: ask for `mine` or for `waiting`.',
        );
      }
      const page = { limit, before: cursor };
      const everybody = mine === undefined && (await isOverseer(broker, actor));
      const found =
        waiting === undefined
          ? await listRequests(broker, actor, everybody ? 'all' : 'mine', page)
          : await listWaiting(broker, actor, page);
      return c.json(
        { items: await requestViews(broker, found.items), next_cursor: cursorOf(found.next) },
        200,
      );
    })
    .openapi(getRequest, async (c) => {
      const state = await visibleRequest(broker, actorOf(c), c.req.valid('param').id);
      return c.json(await oneRequestView(broker, state), 200);
    })
    .openapi(getTimeline, async (c) => {
      const { id } = c.req.valid('param');
      await visibleRequest(broker, actorOf(c), id);
      return c.json({ items: await timelineOf(broker, id) }, 200);
    })
    .openapi(postWithdrawal, async (c) => {
      const { id } = c.req.valid('param');
      const entries = await withdrawRequest(broker, actorOf(c), id);
      const state = await visibleRequest(broker, actorOf(c), id);
      return c.json({ ...(await oneRequestView(broker, state)), entries }, 200);
    })
    .openapi(postNudge, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await nudge(broker, actorOf(c), id, idempotencyOf(broker, c)), 201);
    });

async function nudge(broker: Broker, actor: Actor, request: RequestId, idempotency: Idempotency | undefined) {
  const written = await nudgeReviewers(broker, actor, request, idempotency);
  const after = await nudgeOf(broker, actor, await visibleRequest(broker, actor, request));
  return {
    request,
    groups: [...(after?.groups ?? [])],
    channels: [...(after?.channels ?? [])],
    again_from: isoOrNull(after?.fromMs ?? null),
    entries: [...written],
  };
}

function askedFrom(body: z.output<typeof asked>): Asked {
  return {
    entitlement: body.entitlement,
    people: body.people ?? null,
    targets: body.targets ?? null,
    parameters: body.parameters ?? {},
    seconds: body.duration_seconds,
    startMs: body.starts_at ?? null,
    extends: body.extends ?? null,
    // How much access a permission is, the policy's declaration says; this word is replaced by it.
    scope: body.scope?.map((permission) => ({ ...permission, access: 'read' })) ?? null,
    ticket: body.ticket ?? null,
    justification: body.justification,
    breakGlass: body.break_glass ?? false,
  };
}
