import { type Draft, draft } from '../draft.ts';
import type { StoredData } from '../events.ts';
import { type RequestId, streams } from '../ids.ts';
import type { TicketOfPerson } from './submit-context.ts';

type At = StoredData<'countersign.ticket.checked.v1'>['at'];

/** What the ticket's source said of each person, as an entry of its own: the decision beside it rests on it. */
export function ticketCheckedDrafts(
  request: RequestId,
  at: At,
  tickets: readonly TicketOfPerson[],
): readonly Draft[] {
  return tickets.flatMap(({ person, check }) => {
    if (check.kind !== 'found') return [];
    const { facts, ticket } = check;
    const body = { request, person, at, facts };
    return [draft('countersign.ticket.checked.v1', streams.request(request), request, body, { ticket })];
  });
}
