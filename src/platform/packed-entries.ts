import { HASH_BYTES } from '../log/hasher.ts';

/** Entries side by side in few buffers, which go from one thread to another without being copied. */
export interface PackedEntries {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of each entry. */
  readonly lengths: Uint32Array<ArrayBuffer>;
  /** RFC 6962 leaf hash of each entry, 32 bytes each. */
  readonly leafHashes: Uint8Array<ArrayBuffer>;
}

export interface HashedEntry {
  readonly bytes: Uint8Array;
  readonly leafHash: Uint8Array;
}

/** Copies the entries. */
export function packEntries(entries: readonly HashedEntry[]): PackedEntries {
  const packed = {
    bytes: new Uint8Array(entries.reduce((sum, { bytes }) => sum + bytes.length, 0)),
    lengths: Uint32Array.from(entries, ({ bytes }) => bytes.length),
    leafHashes: new Uint8Array(entries.length * HASH_BYTES),
  };
  let at = 0;
  for (const [index, { bytes, leafHash }] of entries.entries()) {
    packed.bytes.set(bytes, at);
    packed.leafHashes.set(leafHash, index * HASH_BYTES);
    at += bytes.length;
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
export function* unpackEntries({ bytes, lengths, leafHashes }: PackedEntries): Generator<HashedEntry> {
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    yield {
      bytes: bytes.subarray(at, at + length),
      leafHash: leafHashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES),
    };
    at += length;
  }
}
