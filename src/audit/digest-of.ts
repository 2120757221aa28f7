import { hex, utf8 } from '../log/bytes.ts';
import { canonicalize, NonCanonicalJson } from '../log/canonical-json.ts';
import type { Hasher } from '../log/hasher.ts';
import type { Json } from '../log/json.ts';

/** `sha256:` and 64 hex digits, over bytes. */
export const digestOfBytes = (hasher: Hasher, bytes: Uint8Array): string =>
  `sha256:${hex(hasher.sha256(bytes))}`;

/** The same over a value's RFC 8785 form; undefined for a value that has none, which then fits no digest. */
export function digestOf(hasher: Hasher, value: Json): string | undefined {
  try {
    return digestOfBytes(hasher, utf8(canonicalize(value)));
  } catch (error) {
    if (error instanceof NonCanonicalJson) return undefined;
    throw error;
  }
}
