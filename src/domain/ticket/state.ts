import type { StoredData } from '../events.ts';
import type { Fold } from '../fold.ts';

type Written = StoredData<'countersign.ticket.written.v1'>;

/** A ticket of the built-in register: the newest whole writing, and who first opened it. */
export interface TicketState {
  readonly ticket: Pick<
    Written,
    'source' | 'project' | 'state' | 'creator' | 'responders' | 'assignee' | 'approved_by' | 'window'
  > | null;
  readonly seq: number;
  readonly writtenAtMs: number;
}

export const ticketFold: Fold<TicketState> = {
  kind: 'ticket',
  initial: { ticket: null, seq: -1, writtenAtMs: 0 },
  evolve(state, { event, seq }) {
    if (event.type !== 'countersign.ticket.written.v1') return state;
    const { source, project, creator, responders, assignee, approved_by, window, decided_at_ms } = event.data;
    const ticket = {
      source,
      project,
      state: event.data.state,
      creator,
      responders,
      assignee,
      approved_by,
      window,
    };
    return { ticket, seq, writtenAtMs: decided_at_ms };
  },
  dueAtMs: () => null,
};
