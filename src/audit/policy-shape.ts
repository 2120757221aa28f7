import { z } from 'zod';
import type { Policy } from '../domain/policy/policy.ts';

const text = z.string();
const seconds = z.int().min(0);
const byName = <T extends z.ZodType>(value: T) => z.record(text, value);
const factor = z.enum(['none', 'totp', 'passkey']);
const ticketState = z.enum(['open', 'approved', 'closed']);
const stage = z.strictObject({
  people: z.int().min(1),
  from: text,
  escalate: z.exactOptional(z.strictObject({ after_seconds: seconds, to: text })),
});
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const channels = z.array(z.enum(['email', 'webhook']));

const group = z.strictObject({
  idp: text.nullable(),
  issuer: text.nullable(),
  until: text.nullable(),
  people: z.exactOptional(z.array(z.strictObject({ person: text, until: text.nullable() }))),
  mail: z.exactOptional(text),
  awake: z.exactOptional(
    z.strictObject({
      from: text,
      to: text,
      time_zone: text,
      days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])),
    }),
  ),
});

const target = z.discriminatedUnion('provider', [
  z.strictObject({ zone: text, provider: z.literal('token'), audience: text }),
  z.strictObject({ zone: text, provider: z.literal('aws'), account: text, regions: z.array(text) }),
]);

const entitlement = z.strictObject({
  role: text,
  targets: z.array(text),
  scope: z.array(
    z.strictObject({
      action: text,
      resource: text,
      access: z.enum(['read', 'write', 'destructive', 'credentials']),
    }),
  ),
  parameters: z.exactOptional(byName(z.strictObject({ pattern: text, says: text.nullable() }))),
  eligible: z.array(text),
  ticket: text.nullable(),
  review: z.array(stage).min(1).nullable(),
  at_most_seconds: seconds,
  break_glass: z
    .strictObject({
      at_most_seconds: seconds,
      without: z.array(z.enum(['identity-provider', 'ticket', 'witness'])),
      named: z.exactOptional(z.array(text)),
      review: z.strictObject({ people: z.int().min(1), from: text, within_seconds: seconds }),
    })
    .nullable(),
});

/** The canonical JSON of a policy, as an attachment of the log: a stranger's bytes until they fit this. */
export const policyShape: z.ZodType<Policy> = z.strictObject({
  version: z.literal(1),
  groups: byName(group),
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
      closing: z.exactOptional(z.literal('ends-grants')),
    }),
  ),
  factors: z.strictObject({ request: factor, review: factor, open: factor }),
  passkeys: z.exactOptional(
    z.strictObject({
      attestation: z.enum(['none', 'required']),
      authenticators: z.exactOptional(z.array(text)),
    }),
  ),
  waiting: z.strictObject({
    review_seconds: seconds,
    activation_seconds: seconds,
    schedule_seconds: z.exactOptional(seconds),
  }),
  entitlements: byName(entitlement),
  emergency_principals: z.array(z.strictObject({ role: text, target: text, drill_every_days: z.int() })),
  delegates: z.exactOptional(z.array(z.strictObject({ for: text, to: text, from: day, until: day }))),
  humans: z.exactOptional(byName(z.array(text))),
  notify: z.exactOptional(
    z.strictObject({
      zone_owners: z.exactOptional(channels),
      reviewers: z.exactOptional(channels),
      requesters: z.exactOptional(channels),
      administrators: z.exactOptional(channels),
    }),
  ),
});
