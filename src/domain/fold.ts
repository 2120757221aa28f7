import type { StoredEvent } from './events.ts';
import type { StreamId } from './ids.ts';

/** One entry as a fold sees it: position, time and leaf hash are the log's, the rest is its data. */
export interface FoldedEvent {
  readonly seq: number;
  /** Version of its stream, from 1. */
  readonly version: number;
  /** The entry's `time`: never goes back along the log. */
  readonly timeMs: number;
  readonly leafHash: Uint8Array;
  readonly event: StoredEvent;
}

/** How one kind of stream becomes state. Pure; `state` must survive JSON (maps are plain records). */
export interface Fold<State> {
  /** The part of a stream's name before the first `/`. */
  readonly kind: string;
  readonly initial: State;
  evolve(state: State, event: FoldedEvent): State;
  /** The next moment at which time alone changes it, milliseconds since 1970; null: never. */
  dueAtMs(state: State, stream: StreamId): number | null;
}
