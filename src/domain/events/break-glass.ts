import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, proof, text, time_ms } from './fields.ts';
import { statement } from './statement.ts';

export const breakGlassEvents = {
  'countersign.break-glass.used.v1': event(
    {
      request: id,
      person: id,
      entitlement: name,
      review_by_ms: time_ms,
      review_from: name,
      review_people: z.int().min(1),
      incident: text(44),
      /** What it had to go without, and how the broker saw that. */
      down: z.array(
        z.strictObject({ what: z.enum(['ticket', 'witness', 'identity-provider']), seen: text(300) }),
      ),
      zone: name,
    },
    '{person} broke the glass for {entitlement}; to be reviewed by {review_from}.',
  ),
  'countersign.break-glass.reviewed.v1': event(
    {
      request: id,
      person: id,
      reviewer: id,
      verdict: z.enum(['justified', 'not-justified']),
      groups,
      statement,
      statement_digest: digest,
      proof,
    },
    '{reviewer} found the break-glass {request}: {verdict}.',
    'reason',
  ),
} as const satisfies Record<string, EventSpec>;
