import type { Audience, Occasion } from '../domain/notice/notice.ts';
import type { Channel } from '../domain/policy/policy.ts';

/** One piece of news for one pair of ears, complete: an adapter adds nothing of its own but an envelope. */
export interface Message {
  /** The same at every attempt and after every restart, so that a receiver can tell a repetition: 1 to 64 of [a-z0-9-]. */
  readonly id: string;
  /** `read-only` has no entry: nothing can be written then. */
  readonly occasion: Occasion | 'read-only';
  readonly atMs: number;
  readonly audience: Audience;
  readonly group: string | null;
  readonly person: string | null;
  /** Ids and names of the policy, for programs. Personal text only where the operator allows it. */
  readonly facts: Readonly<Record<string, Fact>>;
  /** One line, at most 200 characters, no control characters. */
  readonly subject: string;
  /** Plain text in lines, at most 4,000 characters. */
  readonly text: string;
}

export type Fact = string | number | null | readonly string[] | Readonly<Record<string, string>>;

export type Delivery =
  | { readonly kind: 'delivered' }
  /** Never a secret, never an answer's body: it goes into the log. `again` false: it would fail the same way. */
  | { readonly kind: 'failed'; readonly failure: string; readonly again: boolean };

/** A way to reach people. Adapters in `notify/`. */
export interface Notifier {
  readonly channel: Channel;
  /**
   * One attempt, which the caller repeats; given up by the adapter within 15 s or when `signal` says so. Never throws
   * for what the other side did.
   * @param address of the group, where the policy gives one
   */
  send(message: Message, address: string | undefined, signal: AbortSignal): Promise<Delivery>;
}
