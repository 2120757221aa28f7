import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, text, time_ms } from './fields.ts';
import { entityManagement } from './ocsf.ts';
import { proof } from './proof.ts';
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
      down: z
        .array(z.strictObject({ what: z.enum(['ticket', 'witness', 'identity-provider']), seen: text(300) }))
        .describe('What it had to go without, and how the broker saw that.'),
      zone: name,
    },
    {
      sentence:
        '{person} broke the glass for {entitlement} in {zone}[, while these were down: {down.what|ticket: the ticket source|witness: the witnesses|identity-provider: the identity provider}]. {review_from} must judge it by {review_by_ms}.',
      ocsf: ({ request, entitlement }) =>
        entityManagement('Activate', 'break-glass', request, { severity: 'High', detail: entitlement }),
    },
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
    {
      sentence:
        '{reviewer} found that breaking the glass, as {person} did in {request}, was {verdict|justified: justified|not-justified: not justified}.',
      ocsf: ({ request, verdict }) =>
        entityManagement('Update', 'break-glass', request, {
          severity: verdict === 'justified' ? 'Informational' : 'High',
          detail: verdict,
        }),
    },
    'reason',
  ),
} as const satisfies Record<string, EventSpec>;
