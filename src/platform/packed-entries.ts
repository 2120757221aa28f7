import { HASH_BYTES, type Hasher } from '../log/hasher.ts';
import { leafHash } from '../log/tree.ts';

/** Entries side by side in few buffers, which go from one thread to another without being copied. */
export interface PackedEntries {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of each entry. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** RFC 6962 leaf hash of each entry, 32 bytes each. */
  readonly leafHashes: Uint8Array<ArrayBuffer>;
}

export interface UnpackedEntry {
  readonly bytes: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** Copies and hashes the entries. */
export function packEntries(hasher: Hasher, entries: readonly Uint8Array[]): PackedEntries {
  const packed = {
    bytes: new Uint8Array(entries.reduce((sum, { length }) => sum + length, 0)),
    lengths: Uint32Array.from(entries, ({ length }) => length),
    leafHashes: new Uint8Array(entries.length * HASH_BYTES),
  };
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    packed.bytes.set(entry, at);
    packed.leafHashes.set(leafHash(hasher, entry), index * HASH_BYTES);
    at += entry.length;
  }
  return packed;
}

/** The buffers to hand over; this thread cannot read them afterwards. */
export const buffersOf = ({ bytes, lengths, leafHashes }: PackedEntries): ArrayBuffer[] => [
  bytes.buffer,
  lengths.buffer,
  leafHashes.buffer,
];

/** In order; what is given shares the packed memory. */
export function* unpackEntries({ bytes, lengths, leafHashes }: PackedEntries): Generator<UnpackedEntry> {
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    yield {
      bytes: bytes.subarray(at, at + length),
      leafHash: leafHashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    };
    at += length;
  }
}
