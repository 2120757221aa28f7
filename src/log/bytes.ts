const encoder = new TextEncoder();
// ignoreBOM keeps a byte order mark as a character, so that it is seen and refused instead of swallowed.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const BASE64_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const BASE64URL_ALPHABET = `${BASE64_ALPHABET.slice(0, 62)}-_`;
const HEX_PATTERN = /^(?:[0-9a-f]{2})*$/;
const HEX_OF_BYTE = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const NOT_IN_ALPHABET = 255;
const PADDING = 0x3d; // =
const ENCODED_AT_ONCE = 3 * 1024; // a multiple of three, so that only the last piece is padded

/** UTF-8 bytes of a text. Throws RangeError on a lone surrogate, which would otherwise become U+FFFD unseen. */
export function utf8(text: string): Uint8Array {
  if (!text.isWellFormed()) throw new RangeError('text holds a lone surrogate');
  return encoder.encode(text);
}

/** The text of UTF-8 bytes. Throws TypeError when they are not UTF-8; a byte order mark stays in the text. */
export function fromUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** Lower-case hexadecimal, two digits a byte. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += HEX_OF_BYTE[byte];
  return text;
}

/** Bytes of lower-case hexadecimal. Throws RangeError on anything else. */
export function fromHex(text: string): Uint8Array {
  if (!HEX_PATTERN.test(text)) throw new RangeError('not lower-case hexadecimal');
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}

/** Base64 with padding (RFC 4648 §4). */
export function base64(bytes: Uint8Array): string {
  if (bytes.length <= ENCODED_AT_ONCE) return btoa(Reflect.apply(String.fromCharCode, undefined, bytes));
  let text = '';
  for (let at = 0; at < bytes.length; at += ENCODED_AT_ONCE) {
    text += btoa(Reflect.apply(String.fromCharCode, undefined, bytes.subarray(at, at + ENCODED_AT_ONCE)));
  }
  return text;
}

/** Strict inverse of `base64`: padding, alphabet and zero trailing bits are all required. Throws RangeError. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new RangeError('base64 is not padded to a multiple of four');
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return decodeSextets(text, text.length - padding, BASE64_VALUES);
}

/** Whether a text is the strict base64 of some hash of 32 bytes, without making the bytes. */
export function isBase64OfHash(text: string): boolean {
  if (text.length !== 44 || text.charCodeAt(43) !== PADDING) return false;
  for (let at = 0; at < 43; at++) {
    if ((BASE64_VALUES[text.charCodeAt(at)] ?? NOT_IN_ALPHABET) === NOT_IN_ALPHABET) return false;
  }
  return ((BASE64_VALUES[text.charCodeAt(42)] ?? NOT_IN_ALPHABET) & 3) === 0;
}

/** Whether a text that `isBase64OfHash` encodes this hash: `base64(hash) === text`, many times as fast. */
export function encodesHash(text: string, hash: Uint8Array): boolean {
  let bits = 0;
  let count = 0;
  for (let at = 0, read = 0; at < 43; at++) {
    if (count < 6) {
      bits = ((bits << 8) | (hash[read++] ?? 0)) & 0x3fff;
      count += 8;
    }
    count -= 6;
    if (BASE64_VALUES[text.charCodeAt(at)] !== ((bits >> count) & 63)) return false;
  }
  return true;
}

/** Base64url without padding (RFC 4648 §5). */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Strict inverse of `base64url`: no padding, zero trailing bits. Throws RangeError. */
export function fromBase64url(text: string): Uint8Array {
  return decodeSextets(text, text.length, BASE64URL_VALUES);
}

/** All parts, one after the other, in new memory. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two byte strings are the same. Not constant in time: only for public values. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

const BASE64_VALUES = sextetValues(BASE64_ALPHABET);
const BASE64URL_VALUES = sextetValues(BASE64URL_ALPHABET);

function sextetValues(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(NOT_IN_ALPHABET);
  for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value;
  return values;
}

function decodeSextets(text: string, length: number, values: Uint8Array): Uint8Array {
  if (length % 4 === 1) throw new RangeError('base64 has a dangling character');
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  let count = 0;
  let written = 0;
  for (let at = 0; at < length; at++) {
    const value = values[text.charCodeAt(at)] ?? NOT_IN_ALPHABET;
    if (value === NOT_IN_ALPHABET) throw new RangeError('base64 has a character outside its alphabet');
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[written++] = (bits >> count) & 0xff;
  }
  if ((bits & ((1 << count) - 1)) !== 0) throw new RangeError('base64 has trailing bits that are not zero');
  return bytes;
}
