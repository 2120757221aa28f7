import type { RowChange } from '../app/store.ts';
import type { FoldedEvent } from '../domain/fold.ts';
import type { StreamId } from '../domain/ids.ts';
import type { SignInState } from '../domain/person/state.ts';
import type { TicketState } from '../domain/ticket/state.ts';
import { rowChange } from './tables.ts';

/** Somebody who has signed in, and the entry that holds how they are called. */
export function personRows(_stream: StreamId, _state: SignInState, last: FoldedEvent): readonly RowChange[] {
  const { event, seq } = last;
  if (event.type !== 'countersign.person.authenticated.v1') return [];
  const { person, issuer } = event.data;
  return [rowChange('people', person, { seq, ordinal: seq, issuer, display_seq: seq })];
}

export function ticketRows(stream: StreamId, { ticket, seq }: TicketState): readonly RowChange[] {
  if (ticket === null) return [];
  const { source, project, state, creator } = ticket;
  return [
    rowChange('tickets', stream.slice('ticket/'.length), {
      seq,
      ordinal: seq,
      source,
      project,
      state,
      creator,
    }),
  ];
}
