import type { EventType, StoredData } from '../domain/events.ts';
import type { JsonObject } from '../log/json.ts';

/** Where and when an entry stands, as the log's own verification found it. */
export interface Place {
  readonly seq: number;
  readonly timeMs: number;
  readonly stream: string;
  /** From 1. */
  readonly streamVersion: number;
  /** RFC 6962 leaf hash of the entry's bytes, 32 bytes. */
  readonly leafHash: Uint8Array;
}

/** An entry as it comes in: nothing about `type` and `data` is believed yet. */
export interface AuditedEntry extends Place {
  readonly type: string;
  readonly data: JsonObject;
}

/** An entry whose data fits its type. */
export type JudgedEntry<T extends EventType = EventType> = {
  readonly [K in T]: Place & { readonly type: K; readonly data: StoredData<K> };
}[T];
