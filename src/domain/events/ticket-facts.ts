import { z } from 'zod';
import { digest, name, time_ms } from './fields.ts';

/** What a ticket source said at one moment. The ticket's name and title are personal; the rest is needed to judge. */
export const ticket_facts = z.strictObject({
  source: name,
  project: name,
  state: z.enum(['open', 'approved', 'closed']),
  window: z.strictObject({ from_ms: time_ms, to_ms: time_ms }).nullable(),
  part: z
    .enum(['responder', 'assignee', 'none'])
    .describe('The person’s part in it, and whether anybody but they themselves vouches for that.'),
  vouched_by_another: z.boolean(),
  fetched_at_ms: time_ms,
  response_digest: digest,
});
export type TicketFacts = z.infer<typeof ticket_facts>;
