import type { EventType } from '../domain/events.ts';
import type { JudgedEntry } from './audited-entry.ts';

/** The entries that one decision made, side by side in the log. */
export interface Command {
  readonly id: string;
  readonly entries: readonly JudgedEntry[];
}

/** The entries of that type in the command, in order. */
export function inCommand<T extends EventType>(command: Command, type: T): JudgedEntry<T>[] {
  // The discriminant was compared; TypeScript does not narrow a mapped union by a type parameter.
  return command.entries.filter((entry) => entry.type === type) as JudgedEntry<T>[];
}

/** The person who acted; undefined: the broker or the console. */
export function actorOf(entry: JudgedEntry): string | undefined {
  const { by } = entry.data;
  return 'person' in by ? by.person : undefined;
}

/** What the ticket's source said in this command about this request, as it concerns that person; undefined: nothing. */
export function ticketFactsOf(command: Command, request: string, person: string) {
  return inCommand(command, 'countersign.ticket.checked.v1').find(
    ({ data }) => data.request === request && data.person === person,
  )?.data;
}
