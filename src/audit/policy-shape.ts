import { z } from 'zod';
import type { Policy } from '../domain/policy/policy.ts';

const text = z.string();
const seconds = z.int().min(0);
const byName = <T extends z.ZodType>(value: T) => z.record(text, value);
const factor = z.enum(['none', 'totp', 'passkey']);
const ticketState = z.enum(['open', 'approved', 'closed']);
const stage = z.strictObject({ people: z.int().min(1), from: text });

const target = z.discriminatedUnion('provider', [
  z.strictObject({ zone: text, provider: z.literal('token'), audience: text }),
  z.strictObject({ zone: text, provider: z.literal('aws'), account: text, regions: z.array(text) }),
]);

const entitlement = z.strictObject({
  role: text,
  target: text,
  scope: z.array(
    z.strictObject({
      action: text,
      resource: text,
      access: z.enum(['read', 'write', 'destructive', 'credentials']),
    }),
  ),
  eligible: z.array(text),
  ticket: text.nullable(),
  review: z.array(stage).min(1).nullable(),
  at_most_seconds: seconds,
  break_glass: z
    .strictObject({
      at_most_seconds: seconds,
      without: z.array(z.enum(['ticket', 'witness'])),
      review: z.strictObject({ people: z.int().min(1), from: text, within_seconds: seconds }),
    })
    .nullable(),
});

/** The canonical JSON of a policy, as an attachment of the log: a stranger's bytes until they fit this. */
export const policyShape: z.ZodType<Policy> = z.strictObject({
  version: z.literal(1),
  groups: byName(z.strictObject({ idp: text, issuer: text.nullable(), until: text.nullable() })),
  workloads: byName(z.strictObject({ issuer: text, subject: text, sponsor: text })),
  administrators: z.strictObject({ from: text, publish_needs: z.int().min(1) }),
  auditors: z.strictObject({ from: text }).nullable(),
  zones: byName(z.strictObject({ owner: text })),
  targets: byName(target),
  ticket_sources: byName(z.strictObject({ kind: z.literal('register') })),
  tickets: byName(
    z.strictObject({
      source: text,
      project: text,
      state: ticketState,
      requester: z.enum(['responder', 'assignee', 'anyone']),
      window: z.enum(['required', 'not-required']),
    }),
  ),
  factors: z.strictObject({ request: factor, review: factor, open: factor }),
  waiting: z.strictObject({ review_seconds: seconds, activation_seconds: seconds }),
  entitlements: byName(entitlement),
  emergency_principals: z.array(z.strictObject({ role: text, target: text, drill_every_days: z.int() })),
});
