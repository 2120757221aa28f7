import { z } from 'zod';
import { digest, id, name, people, scope, seconds, targets, text, time_ms } from './fields.ts';

/** The RFC 8785 form of this value is what a person signs or attests. It pins the log's history at that moment. */
export const statement = z.discriminatedUnion('purpose', [
  z.strictObject({
    purpose: z.literal('review'),
    verdict: z.enum(['approve', 'deny']),
    request: id,
    request_leaf: text(44).describe('Base64 of the RFC 6962 leaf hash of the `request.submitted` entry.'),
    requester: id,
    stage: z.int().min(0),
    policy_digest: digest,
    rule_digest: digest,
    people: people.describe('For whom and where: a grant for each of them on each of these.'),
    targets,
    scope,
    seconds,
    start_ms: time_ms
      .nullable()
      .describe('null: from the first session on, whenever that is within the time to use it.'),
    ticket_digest: digest.nullable(),
    reviewer: id,
    factor: id,
    nonce: text(44),
    expires_at_ms: time_ms,
    log: z.strictObject({ origin: name, size: z.int().min(1), root: text(44) }),
  }),
  z.strictObject({
    purpose: z.literal('review-break-glass'),
    verdict: z.enum(['justified', 'not-justified']),
    request: id,
    request_leaf: text(44),
    requester: id,
    reviewer: id,
    factor: id,
    nonce: text(44),
    expires_at_ms: time_ms,
    log: z.strictObject({ origin: name, size: z.int().min(1), root: text(44) }),
  }),
  z.strictObject({
    purpose: z.literal('publish'),
    proposal: id,
    from_digest: digest.nullable(),
    to_digest: digest,
    plan_digest: digest,
    signer: id,
    factor: id,
    nonce: text(44),
    expires_at_ms: time_ms,
    log: z.strictObject({ origin: name, size: z.int().min(1), root: text(44) }),
  }),
]);
export type Statement = z.infer<typeof statement>;
export type ReviewStatement = Extract<Statement, { purpose: 'review' }>;
export type BreakGlassStatement = Extract<Statement, { purpose: 'review-break-glass' }>;
export type PublishStatement = Extract<Statement, { purpose: 'publish' }>;
