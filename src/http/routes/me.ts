import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { meView } from '../../app/views/me.ts';
import { list, time } from '../fields.ts';
import { json, routes } from '../route.ts';

const factor = z.strictObject({
  factor: z.string(),
  kind: z.enum(['totp', 'passkey']),
  passkey: z.strictObject({ credential: z.string(), aaguid: z.string(), synced: z.boolean() }).nullable(),
  enrolled_at: time,
  means: z.enum(['enrolment-code', 'factor', 'recovery-code']),
  label: z.string().nullable(),
  waits_for_voucher: z.boolean(),
});

const me = z.strictObject({
  person: z.string(),
  kind: z.enum(['human', 'workload']),
  display_name: z.string().nullable(),
  issuer: z.string(),
  groups: list(z.string()),
  factors: list(factor),
  rests_until: time.nullable(),
  sign_in: z.string().nullable(),
  expires_at: time.nullable(),
  waiting: z.int(),
  active: z.int(),
});

const getMe = createRoute({
  method: 'get',
  path: '/v1/me',
  tags: ['People'],
  summary: 'Who am I to the broker?',
  responses: { 200: json('The caller, with groups as of now.', me) },
});

export const meRoutes = (broker: Broker) =>
  routes().openapi(getMe, async (c) => {
    const caller = c.get('caller');
    const expiresAtMs = caller.kind === 'human' ? caller.signedIn.expiresAtMs : null;
    return c.json(await meView(broker, caller.actor, expiresAtMs), 200);
  });
