/**
 * SHA-256 and HMAC-SHA-256, synchronous, given by the platform: Node's native calls are several times as fast
 * as anything asynchronous. Both answers are 32 bytes of new memory that the caller may keep; the message may be
 * overwritten as soon as the call has returned.
 */
export interface Hasher {
  sha256(message: Uint8Array): Uint8Array;
  hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array;
}

/** Bytes in a SHA-256 hash. */
export const HASH_BYTES = 32;
