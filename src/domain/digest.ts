import { hex, utf8 } from '../log/bytes.ts';
import { canonicalize } from '../log/canonical-json.ts';
import type { Hasher } from '../log/hasher.ts';
import type { Json } from '../log/json.ts';

/** `sha256:` and 64 hex digits, over the value's RFC 8785 form. */
export const digestOf = (hasher: Hasher, value: Json): string =>
  `sha256:${hex(hasher.sha256(utf8(canonicalize(value))))}`;

export const digestOfBytes = (hasher: Hasher, bytes: Uint8Array): string =>
  `sha256:${hex(hasher.sha256(bytes))}`;
