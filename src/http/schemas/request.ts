import { z } from '@hono/zod-openapi';
import { entries, list, time } from '../fields.ts';
import { grantSchema, personName, scopeItem } from './grant.ts';

const breakGlass = z.strictObject({
  marks: list(z.enum(['ticket-unverified', 'unwitnessed', 'membership-cached'])),
  review_by: time,
  reviewed: z.boolean(),
  verdicts: list(z.enum(['justified', 'not-justified'])),
  overdue: z.boolean(),
  told: list(
    z.strictObject({
      group: z.string(),
      channel: z.enum(['email', 'webhook']),
      delivered: z.boolean(),
      at: time,
    }),
  ).openapi({ description: 'Who heard of it when it was used. Empty: nobody.' }),
});

const review = z.strictObject({
  reviewer: personName,
  stage: z.int(),
  verdict: z.enum(['approve', 'deny']),
  duration_seconds: z.int(),
  scope: list(scopeItem),
  reason: z.string().nullable(),
  at: time,
  entry: z.int(),
});

export const requestSchema = z.strictObject({
  request: z.string(),
  status: z.enum([
    'pending',
    'denied',
    'expired',
    'withdrawn',
    'cancelled',
    'scheduled',
    'approved',
    'active',
    'activation-failed',
    'ended',
    'revoking',
    'revoked',
  ]),
  person: personName,
  entitlement: z.string(),
  people: list(personName),
  targets: list(z.string()),
  parameters: z.record(z.string(), z.string()),
  scope: list(scopeItem),
  duration_seconds: z.int(),
  starts_at: time.nullable(),
  extends: z.string().nullable(),
  ticket: z.string().nullable(),
  justification: z.string().nullable(),
  submitted_at: time,
  review_by: time,
  break_glass: breakGlass.nullable(),
  stages: list(
    z.strictObject({
      from: z.string(),
      people: z.int(),
      have: z.int(),
      escalates_to: z.string().nullable(),
      escalates_at: time.nullable(),
    }),
  ),
  reviews: list(review),
  grants: list(grantSchema),
  entry: z.int(),
});

export const changedRequestSchema = requestSchema.extend({ entries });
