import type { EventBody, EventType, Personal } from './events.ts';
import type { StreamId } from './ids.ts';

/** An event of one type that a decision yields, before it is stamped, committed to and sealed. */
export interface DraftOf<T extends EventType> {
  readonly type: T;
  readonly stream: StreamId;
  /** What the entry is about, in one word: a request, a person, a digest. Shown in lists; never personal. */
  readonly subject: string;
  readonly body: EventBody<T>;
  readonly personal: Personal<T>;
  /** What is kept beside the log in the place of a personal text that must not lie open: the same, sealed. */
  readonly kept?: Readonly<Partial<Record<keyof Personal<T>, string>>>;
}

export type Draft = { [T in EventType]: DraftOf<T> }[EventType];

/** Checks the body against its type at compile time; the catalogue's schema checks it again at sealing. */
export function draft<T extends EventType>(
  type: T,
  stream: StreamId,
  subject: string,
  body: EventBody<T>,
  ...personal: keyof Personal<T> extends never ? [] : [Personal<T>]
): DraftOf<T> {
  // A type without personal fields has the empty record as its `Personal`.
  return { type, stream, subject, body, personal: (personal[0] ?? {}) as Personal<T> };
}
