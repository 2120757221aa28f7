import type { InferResponseType } from 'hono/client';
import type { Api } from './api.ts';
import { printable } from './output.ts';
import { sayPerson } from './say-people.ts';
import { tableLines } from './table.ts';

export type Ticket = InferResponseType<Api['client']['v1']['tickets'][':ticket']['$get'], 200>;

/** A ticket, with who put whom in it: that is what a requester's part in it rests on. */
export function ticketLines(ticket: Ticket): readonly string[] {
  const { assignee, approved_by, window } = ticket;
  const rows = [
    ['opened by', sayPerson(ticket.creator)],
    ...ticket.responders.map((one) => ['responder', sayPart(one)]),
    ...(assignee === null ? [] : [['assignee', sayPart(assignee)]]),
    ...(approved_by === null ? [] : [['approved by', sayPerson(approved_by)]]),
    ...(window === null ? [] : [['window', `${window.from} to ${window.to}`]]),
    ['written', `${ticket.written_at}  entry #${ticket.entry}`],
  ];
  return [
    `${printable(ticket.ticket)}  ${ticket.state}  ${printable(ticket.title ?? 'title erased')}`,
    ...tableLines(rows.map(([name = '', value = '']) => [`  ${name}`, value])),
  ];
}

const sayPart = (one: Ticket['responders'][number]): string =>
  `${sayPerson(one)}, named by ${sayPerson(one.named_by)}`;
