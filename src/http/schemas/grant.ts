import { z } from '@hono/zod-openapi';
import { list, time } from '../fields.ts';

export const personName = z.strictObject({ person: z.string(), display_name: z.string().nullable() });

export const scopeItem = z.strictObject({
  action: z.string(),
  resource: z.string(),
  access: z.enum(['read', 'write', 'destructive', 'credentials']),
});

export const grantSchema = z.strictObject({
  grant: z.string(),
  request: z.string(),
  status: z.enum([
    'scheduled',
    'approved',
    'active',
    'activation-failed',
    'expired',
    'ended',
    'revoking',
    'revoked',
  ]),
  person: personName,
  target: z.string(),
  entitlement: z.string(),
  scope: list(scopeItem),
  duration_seconds: z.int(),
  starts_at: time.nullable(),
  extends: z.string().nullable(),
  extended_by: z.string().nullable(),
  covers_until: time.nullable(),
  activate_by: time,
  ends_at: time.nullable(),
  sessions: list(
    z.strictObject({
      session: z.string(),
      phase: z.enum(['opening', 'opened', 'failed', 'uncertain']),
      opened_at: time,
      ends_at: time,
    }),
  ),
  ended_at: time.nullable(),
  revoke_requested_at: time.nullable(),
  revoke_confirmed_at: time.nullable(),
  cut_off_because: z.enum(['ticket-closed', 'person-left', 'extended-grant-revoked']).nullable(),
});
