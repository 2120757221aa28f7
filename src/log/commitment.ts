import { equalBytes, utf8 } from './bytes.ts';
import type { Hasher } from './hasher.ts';

const PURPOSE = 'countersign/commitment/v1';
const KEY_BYTES = 32;

/** What is kept beside the log, and deleted to erase: with it a commitment can be checked, without it nothing is told. */
export interface Disclosure {
  /** 32 random bytes, used for this one value only. */
  readonly key: Uint8Array;
  /** The entry's type, such as `countersign.request.submitted.v1`. */
  readonly type: string;
  /** JSON pointer (RFC 6901) of the field within the entry's data. */
  readonly pointer: string;
  /** The personal text. */
  readonly value: string;
}

/**
 * 32 bytes that bind to one text without telling it: HMAC-SHA-256 under the random key over purpose, entry type,
 * pointer and value. Throws RangeError for a key of another length, a newline in type or pointer, or a lone surrogate.
 */
export function commit(hasher: Hasher, disclosure: Disclosure): Uint8Array {
  const { key, type, pointer, value } = disclosure;
  // A key of another length could be padded by HMAC into the same block, and then two disclosures would fit.
  if (key.length !== KEY_BYTES) throw new RangeError('a commitment key has 32 bytes');
  // Newlines divide the fields: one inside would let two different disclosures make the same message.
  if (type.includes('\n') || pointer.includes('\n')) throw new RangeError('type and pointer have no newline');
  return hasher.hmacSha256(key, utf8(`${PURPOSE}\n${type}\n${pointer}\n${value}`));
}

/** Whether a disclosure is the one that was committed to. False, never a throw, for a malformed disclosure. */
export function checkDisclosure(hasher: Hasher, commitment: Uint8Array, disclosure: Disclosure): boolean {
  try {
    return equalBytes(commit(hasher, disclosure), commitment);
  } catch {
    return false;
  }
}
