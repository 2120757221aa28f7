import type { z } from 'zod';
import { breakGlassEvents } from './events/break-glass.ts';
import type { EventSpec } from './events/event.ts';
import { factorEvents } from './events/factor.ts';
import type { base } from './events/fields.ts';
import { grantEvents } from './events/grant.ts';
import { logEvents } from './events/log.ts';
import { notificationEvents } from './events/notification.ts';
import { personEvents } from './events/person.ts';
import { policyEvents } from './events/policy.ts';
import { refusalEvents } from './events/refusal.ts';
import { requestEvents } from './events/request.ts';
import { sessionEvents } from './events/session.ts';
import { ticketEvents } from './events/ticket.ts';

export { type Act, type ActPurpose, act, actPurpose } from './events/act.ts';
export { by } from './events/fields.ts';
export { occasion } from './events/notification.ts';
export {
  type Assertion,
  assertion,
  type FactorProof,
  type Passkey,
  type PasskeyProof,
} from './events/proof.ts';
export { mark } from './events/request.ts';
export {
  type BreakGlassStatement,
  type PublishStatement,
  type ReviewStatement,
  type Statement,
  statement,
} from './events/statement.ts';
export type { TicketFacts } from './events/ticket-facts.ts';

/**
 * The catalogue of events: what each entry's `data` holds, which of its texts are personal, and the sentence that
 * tells it to a person. A released type is read for ever: a change of meaning is a new type with the next version.
 *
 * Personal texts stand in `data` as `{ commitment }` (log/commitment.ts); key and value live beside the log and can be
 * erased. Everything else is plain, for ever, and never a secret. The types stand by concept in `events/`.
 */
export const catalogue = {
  ...logEvents,
  ...personEvents,
  ...factorEvents,
  ...refusalEvents,
  ...ticketEvents,
  ...requestEvents,
  ...sessionEvents,
  ...grantEvents,
  ...breakGlassEvents,
  ...notificationEvents,
  ...policyEvents,
} as const satisfies Record<string, EventSpec>;

export type EventType = keyof typeof catalogue;

/** `data` of one type of entry, as stored: personal fields are commitments. */
export type StoredData<T extends EventType> = z.infer<(typeof catalogue)[T]['schema']>;
type PersonalField<T extends EventType> = (typeof catalogue)[T]['personal'][number];

/** An entry's type and data, as folded from the log. */
export type StoredEvent = { [T in EventType]: { readonly type: T; readonly data: StoredData<T> } }[EventType];

/** What a decision adds to `data`; the sequencer's caller fills `by`, `command`, `program` and `decided_at_ms`. */
export type EventBody<T extends EventType> = Omit<StoredData<T>, keyof typeof base | PersonalField<T>>;

export type Personal<T extends EventType> = { readonly [F in PersonalField<T>]: string | null };
