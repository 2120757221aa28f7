import type { Draft } from '../../src/domain/draft.ts';
import type { EventBody, EventType } from '../../src/domain/events.ts';
import type { Tamper } from './write-log.ts';

/** Changes the body of the drafts of one type. */
export function change<T extends EventType>(type: T, edit: (body: EventBody<T>) => object): Tamper {
  const edited = (one: Draft): Draft => {
    // The type was compared; what the edit returns may well not fit it: that is the point.
    const body = edit(one.body as unknown as EventBody<T>) as typeof one.body;
    return Object.assign({}, one, { body });
  };
  return (drafts) => drafts.map((one) => (one.type === type ? edited(one) : one));
}

/** Leaves the drafts of one type out. */
export const without =
  (type: EventType): Tamper =>
  (drafts) =>
    drafts.filter((one) => one.type !== type);

/** Moves the drafts of one type to another stream. */
export const moved =
  (type: EventType): Tamper =>
  (drafts) =>
    drafts.map((one) => (one.type === type ? { ...one, stream: 'request/r-elsewhere' as const } : one));

export const otherDigest = `sha256:${'00'.repeat(32)}`;
