import type { Hasher } from '../log/hasher.ts';
import type { JsonObject } from '../log/json.ts';
import { leafHash } from '../log/tree.ts';
import type { AuditedEntry } from './audited-entry.ts';

const decoder = new TextDecoder();

/**
 * The audited part of an entry whose bytes and envelope the verdict `intact` is about; nothing of the envelope is
 * checked a second time. Throws SyntaxError for bytes that are no JSON at all.
 */
export const readAuditedEntry = (hasher: Hasher, bytes: Uint8Array): AuditedEntry =>
  auditedEntry(bytes, leafHash(hasher, bytes));

/** The same, for a caller who has the entry's leaf hash already. */
export function auditedEntry(bytes: Uint8Array, leaf: Uint8Array): AuditedEntry {
  const { seq, time, type, stream, streamversion, data } = JSON.parse(decoder.decode(bytes)) as Envelope; // see above
  return {
    seq: Number(seq),
    timeMs: Date.parse(time),
    type: String(type),
    stream: String(stream),
    streamVersion: Number(streamversion),
    leafHash: leaf,
    data,
  };
}

interface Envelope {
  readonly seq: string;
  readonly time: string;
  readonly type: string;
  readonly stream: string;
  readonly streamversion: string;
  readonly data: JsonObject;
}
