import type { By } from '../domain/actor.ts';
import type { Draft } from '../domain/draft.ts';
import type { Failure } from '../domain/errors.ts';
import type { EventType } from '../domain/events.ts';
import type { Fold, FoldedEvent } from '../domain/fold.ts';
import type { CommandId, StreamId } from '../domain/ids.ts';
import type { Attachment, Head, RowChange, SecretChange } from './store.ts';

/** Folded streams, folded from entry bytes that were checked against the tree. */
export interface View {
  /** The signed end of the log that is built on; states may hold entries of earlier commands of the same batch too. */
  readonly head: Head;
  readonly origin: string;
  /** Whether the command named this stream: which ones it needs may depend on the moment it is decided at. */
  names(stream: StreamId): boolean;
  /** Of a stream named in `streams` of the command; an absent stream is the fold's initial state. */
  state<State>(fold: Fold<State>, stream: StreamId): State;
  /** How many entries the stream has. */
  version(stream: StreamId): number;
}

/**
 * A command decides inside the batch that commits it, against the very head that the commit extends: what it read
 * cannot have moved. Facts from outside (ticket, factor, cloud) are fetched before and travel inside it with their
 * time; older than 30 s at the decision, `submit` fails with `stale` and the verb fetches them again.
 */
export interface Command<Result> {
  readonly by: By;
  /** Every stream it reads or writes. */
  readonly streams: readonly StreamId[];
  /** When the outside facts it carries were fetched; null: it carries none. */
  readonly factsAtMs: number | null;
  readonly idempotency?: { readonly key: string; readonly digest: string };
  /**
   * Pure and synchronous; may run more than once. Throws `Failure` to refuse without an entry.
   * @param nowMs the time this decision is taken at, also `decided_at_ms` of its entries
   */
  decide(view: View, nowMs: number): Decision<Result>;
  /** The answer to a call that was answered before, from what was remembered of it. */
  replay?(about: string): Result;
}

export interface Decision<Result> {
  readonly events: readonly Draft[];
  readonly attachments?: readonly Attachment[];
  readonly secrets?: readonly SecretChange[];
  readonly erase?: readonly { readonly seq: number; readonly field: string }[];
  /** What `replay` will be given. */
  readonly about?: string;
  /** Thrown to the caller once the events are durable: a refusal that is itself an entry. Its `entry` is filled in. */
  readonly refusal?: Failure;
  result(receipt: Receipt): Result;
}

export interface Receipt {
  readonly command: CommandId;
  /** What was appended, in order. */
  readonly entries: readonly {
    readonly seq: number;
    readonly type: EventType;
    readonly leafHash: Uint8Array;
  }[];
  readonly head: Head;
}

export interface SequencerStatus {
  readonly writable: boolean;
  /** Why nothing is written, and what to do. */
  readonly reason: string | null;
}

export interface Sequencer {
  /** Resolves after the commit is durable. */
  submit<Result>(command: Command<Result>): Promise<Result>;
  /** A view without writing, as fresh as the store's head. */
  read(streams: readonly StreamId[]): Promise<View>;
  status(): SequencerStatus;
  /** Waits for what is queued; refuses what comes after. */
  stop(): Promise<void>;
}

/** One kind of stream: its fold, and the read-model rows its state stands for. */
export interface Registered<State> {
  readonly fold: Fold<State>;
  /** Whole rows from folded state, never an increment; `last` is the newest event, for rows that are per entry. */
  rows(stream: StreamId, state: State, last: FoldedEvent): readonly RowChange[];
}
