import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { endGrant } from '../../app/grant/end-grant.ts';
import { revokeGrant } from '../../app/grant/revoke-grant.ts';
import { grantViews } from '../../app/views/grant-view.ts';
import { listGrants } from '../../app/views/list-requests.ts';
import { visibleGrant } from '../../app/views/visible.ts';
import type { Actor } from '../../domain/actor.ts';
import type { GrantId } from '../../domain/ids.ts';
import { actorOf } from '../caller.ts';
import { cursorOf, entries, flag, grantId, pageOf, pageQuery, paragraph } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { grantSchema } from '../schemas/grant.ts';

const params = z.strictObject({ id: grantId });

const getGrants = createRoute({
  method: 'get',
  path: '/v1/grants',
  tags: ['Grants'],
  summary: 'Your grants, newest first',
  request: { query: z.strictObject({ active: flag, ...pageQuery }) },
  responses: {
    200: json(
      'A page; `active=true` leaves those under which a session could be opened, now or once they begin.',
      pageOf(grantSchema),
    ),
  },
});

const getGrant = createRoute({
  method: 'get',
  path: '/v1/grants/{id}',
  tags: ['Grants'],
  summary: 'One grant, with its sessions',
  request: { params },
  responses: { 200: json('As it stands now.', grantSchema) },
  ...problems('not-found'),
});

const postEnd = createRoute({
  method: 'post',
  path: '/v1/grants/{id}/end',
  tags: ['Grants'],
  summary: 'You are done: end your grant early',
  request: { params },
  responses: { 200: json('Ended.', z.strictObject({ seconds_saved: z.int(), grant: grantSchema, entries })) },
  ...problems('not-found', 'conflict'),
});

const postRevocation = createRoute({
  method: 'post',
  path: '/v1/grants/{id}/revocation',
  tags: ['Grants'],
  summary: 'Take somebody’s access away',
  description:
    'For its reviewers, the owner of its zone, and administrators. No code is asked for: stopping is never slower than starting.',
  request: { params, ...jsonBody(z.strictObject({ reason: paragraph(2000) })) },
  responses: {
    200: json(
      '`revoking`: what was issued still works until it ends by itself; `outlives` says what.',
      z.strictObject({ status: z.enum(['revoked', 'revoking']), outlives: z.string().nullable(), entries }),
    ),
  },
  ...problems('not-found', 'refused-by-rule', 'conflict'),
});

export const grantRoutes = (broker: Broker) =>
  routes()
    .openapi(getGrants, async (c) => {
      const { active, limit, cursor } = c.req.valid('query');
      const actor = actorOf(c);
      const found = await listGrants(broker, actor, active !== undefined, { limit, before: cursor });
      const items = await grantViews(broker, found.items);
      return c.json({ items, next_cursor: cursorOf(found.next) }, 200);
    })
    .openapi(getGrant, async (c) => c.json(await viewOf(broker, actorOf(c), c.req.valid('param').id), 200))
    .openapi(postEnd, async (c) => {
      const { id } = c.req.valid('param');
      const { seconds_saved, entries: made } = await endGrant(broker, actorOf(c), id);
      return c.json({ seconds_saved, grant: await viewOf(broker, actorOf(c), id), entries: made }, 200);
    })
    .openapi(postRevocation, async (c) => {
      const { id } = c.req.valid('param');
      return c.json(await revokeGrant(broker, actorOf(c), id, c.req.valid('json').reason), 200);
    });

async function viewOf(broker: Broker, actor: Actor, id: GrantId) {
  const [view] = await grantViews(broker, [await visibleGrant(broker, actor, id)]);
  if (view === undefined) throw new Error('a grant became no view');
  return view;
}
