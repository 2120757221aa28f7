import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, people, proof, scope, seconds, targets, text, time_ms } from './fields.ts';
import { statement } from './statement.ts';

export const mark = z.enum(['ticket-unverified', 'unwitnessed', 'membership-cached']);

export const requestEvents = {
  'countersign.request.submitted.v1': event(
    {
      request: id,
      person: id,
      entitlement: name,
      /** For whom: usually the one who asks. Each shows a factor of their own, and is eligible, when they open. */
      people,
      targets,
      policy_digest: digest,
      rule_digest: digest,
      /** What the entitlement's parameters were filled with; the scope below is already filled. */
      parameters: z.record(name, text(128)),
      scope,
      seconds,
      /** Not usable before. null: at once. */
      start_ms: time_ms.nullable(),
      /** A grant of the same person that this one carries on, from its end. */
      extends: z.strictObject({ request: id, grant: id }).nullable(),
      groups,
      /** null: a workload, or a policy whose request factor is none. */
      proof: proof.nullable(),
      key_thumbprint: text(60),
      review_by_ms: time_ms,
      /** How many humans of which group, in sequence; empty where the policy says `review: not-required`. */
      stages: z.array(
        z.strictObject({
          people: z.int().min(1),
          from: name,
          escalate: z.strictObject({ after_seconds: seconds, to: name }).nullable(),
        }),
      ),
      break_glass: z.strictObject({ marks: z.array(mark), review_by_ms: time_ms }).nullable(),
    },
    '{person} asked for {entitlement} on {targets}.',
    'justification',
    'ticket',
  ),
  'countersign.request.reviewed.v1': event(
    {
      request: id,
      reviewer: id,
      stage: z.int().min(0),
      verdict: z.enum(['approve', 'deny']),
      /** By what right: the stage's own group, the one it was escalated to, or one that stands in for either. */
      right: z.enum(['stage', 'escalation', 'delegation']),
      groups,
      policy_digest: digest,
      rule_digest: digest,
      scope,
      seconds,
      statement,
      statement_digest: digest,
      proof,
    },
    '{reviewer} decided {verdict} on {request}.',
    'reason',
  ),
  'countersign.request.approved.v1': event(
    {
      request: id,
      grant: id,
      person: id,
      target: name,
      policy_digest: digest,
      rule_digest: digest,
      scope,
      seconds,
      starts_at_ms: time_ms.nullable(),
      activate_by_ms: time_ms,
    },
    '{request} is approved: grant {grant} for {person} on {target}.',
  ),
  'countersign.request.withdrawn.v1': event({ request: id, person: id }, '{person} took {request} back.'),
  /** Nobody may decide it any more: who asked has left. */
  'countersign.request.cancelled.v1': event(
    { request: id, cause: z.enum(['person-left']), about: id },
    '{request} was cancelled: {cause}.',
  ),
  'countersign.request.expired.v1': event(
    { request: id, was_due_ms: time_ms },
    'Nobody decided {request} in time.',
  ),
} as const satisfies Record<string, EventSpec>;
