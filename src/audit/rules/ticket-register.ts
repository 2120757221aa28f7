import type { StoredData } from '../../domain/events.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { actorOf } from '../command.ts';
import { type Checks, type Hearing, nothing, trial } from '../hearing.ts';
import { areOneHuman } from '../one-human.ts';

type Written = 'countersign.ticket.written.v1';
type Ticket = StoredData<Written>;

const checks: Checks<Written, object> = {
  'ticket-names-its-writers': inAnothersName,
  'ticket-is-approved-by-another': (entry, _, { state }) => {
    const { data } = entry;
    if ((data.state === 'approved') !== (data.approved_by !== null))
      return `it is ${data.state}, approved by ${data.approved_by ?? 'nobody'}`;
    const { approved_by } = data;
    if (approved_by === null || approved_by !== actorOf(entry)) return undefined;
    const own = [data.creator, data.assignee?.person ?? ''].find((one) =>
      areOneHuman(state, one, approved_by),
    );
    return own && `${approved_by} opened it, or carries it out`;
  },
};

/** What a ticket says is its writers' word; who they were is not. */
export const judgeTicketWritten = trial<Written, object>({
  subjectOf: nothing,
  checks,
  remember(entry, { state }) {
    state.tickets.set(entry.stream, entry.data, entry.timeMs + TICKET_REMEMBERED_MS);
  },
});

const TICKET_REMEMBERED_MS = 30 * 86_400_000;

/** Each writing is whole: whoever it names was named before, by the same, or is named by whoever writes now. */
function inAnothersName(entry: JudgedEntry<Written>, _: object, { state }: Hearing): string | undefined {
  const before = state.tickets.get(entry.stream);
  if (before === undefined && entry.streamVersion > 1) return undefined;
  const { data } = entry;
  const writer = actorOf(entry);
  if (data.creator !== (before?.creator ?? writer)) return `${data.creator} did not open it`;
  const named = before === undefined ? [] : namingsOf(before);
  const forged = namingsOf(data).find((naming) => naming.by !== writer && !named.some(isSame(naming)));
  return forged && `${forged.by} did not name ${forged.as}`;
}

interface Naming {
  readonly by: string;
  readonly as: string;
}

const isSame =
  ({ by, as }: Naming) =>
  (other: Naming): boolean =>
    other.by === by && other.as === as;

const namingsOf = ({ responders, assignee, approved_by }: Ticket): readonly Naming[] => [
  ...responders.map(({ person, named_by }) => ({ by: named_by, as: `responder ${person}` })),
  ...(assignee === null ? [] : [{ by: assignee.named_by, as: `assignee ${assignee.person}` }]),
  ...(approved_by === null ? [] : [{ by: approved_by, as: 'approved' }]),
];
