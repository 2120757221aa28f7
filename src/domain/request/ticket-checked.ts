import { type Draft, draft } from '../draft.ts';
import { type RequestId, streams } from '../ids.ts';
import type { TicketCheck } from './submit-context.ts';

/** What the ticket's source said, as an entry of its own: the decision beside it rests on it. */
export function ticketCheckedDraft(
  request: RequestId,
  at: 'submit' | 'review' | 'open',
  check: TicketCheck,
): Draft[] {
  if (check.kind !== 'found') return [];
  const { facts, ticket } = check;
  return [
    draft(
      'countersign.ticket.checked.v1',
      streams.request(request),
      request,
      { request, at, facts },
      { ticket },
    ),
  ];
}
