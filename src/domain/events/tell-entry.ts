import type { Entry } from '../../log/entry.ts';
import { catalogue, type EventType } from '../events.ts';
import { saySentence } from './sentence.ts';

/**
 * What an entry says, to a person: the catalogue's sentence with its fields said, on one line, safe for a terminal.
 * An entry of a type that this program does not know is told by its type and subject. Never throws.
 */
export function tellEntry(
  { type, subject, data }: Pick<Entry, 'type' | 'subject' | 'data'>,
  nameOf?: (person: string) => string,
): string {
  if (!Object.hasOwn(catalogue, type)) return saySentence('{type} {subject}', { type, subject });
  const { sentence } = catalogue[type as EventType]; // `hasOwn` has just shown that it is one of them
  return saySentence(sentence, data, nameOf);
}
