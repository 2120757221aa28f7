import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { catalogView } from '../../app/views/catalog.ts';
import { actorOf } from '../caller.ts';
import { list } from '../fields.ts';
import { json, problems, routes } from '../route.ts';
import { scopeItem } from '../schemas/grant.ts';

const factorKind = z.enum(['none', 'totp', 'passkey']);

const item = z.strictObject({
  entitlement: z.string(),
  role: z.string(),
  targets: list(z.string()),
  zone: z.string(),
  provider: z.enum(['token', 'aws']),
  scope: list(scopeItem),
  parameters: z.record(z.string(), z.strictObject({ pattern: z.string(), says: z.string().nullable() })),
  at_most_seconds: z.int(),
  eligible: z.boolean(),
  because: z.string().nullable(),
  ticket: z
    .strictObject({
      project: z.string(),
      state: z.enum(['open', 'approved', 'closed']),
      requester: z.enum(['responder', 'assignee', 'anyone']),
    })
    .nullable(),
  review: list(
    z.strictObject({
      people: z.int(),
      from: z.string(),
      escalate: z.strictObject({ after_seconds: z.int(), to: z.string() }).optional(),
    }),
  ).nullable(),
  schedule_at_most_seconds: z.int().nullable(),
  break_glass: z.strictObject({ at_most_seconds: z.int() }).nullable(),
  factors: z.strictObject({ request: factorKind, review: factorKind, open: factorKind }),
});

const getCatalog = createRoute({
  method: 'get',
  path: '/v1/catalog',
  tags: ['Requests'],
  summary: 'What may be asked for, and by whom',
  description: 'What you are not eligible for stands there too, with the reason.',
  responses: {
    200: json('Under the policy in force.', z.strictObject({ policy_digest: z.string(), items: list(item) })),
  },
  ...problems('refused-by-rule'),
});

export const catalogRoutes = (broker: Broker) =>
  routes().openapi(getCatalog, async (c) => c.json(await catalogView(broker, actorOf(c)), 200));
