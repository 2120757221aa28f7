import { utf8 } from './bytes.ts';
import { MAX_JSON_DEPTH } from './canonical-json.ts';

/** The answer of everything here that does not see at a glance that bytes are in stored form; they may well be. */
export const UNSURE = -1;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

// Fewer digits than the first whole number that is not exact has.
const MOST_DIGITS = 15;

/** Bytes that stand for themselves in a text: ASCII, no control characters, no quote, no backslash. */
const STANDS_FOR_ITSELF = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** What may stand behind a backslash: nothing is spelled in two ways that way. */
const IS_ESCAPED = Uint8Array.from({ length: 256 }, (_, byte) =>
  '"\\bfnrt'.includes(String.fromCharCode(byte)) ? 1 : 0,
);

const LITERALS: ReadonlyMap<number, Uint8Array> = new Map(
  ['true', 'false', 'null'].map((word) => [word.charCodeAt(0), utf8(word)]),
);

// Hashes of the names that an object has had so far, by depth: scanning is synchronous and leaves nothing behind.
const MOST_NAMES = 128;
const namesAtDepth = Array.from({ length: MAX_JSON_DEPTH }, () => new Int32Array(MOST_NAMES));

/**
 * Where the name of the last member begins in bytes that are one object in stored form, as `parseCanonical` demands
 * it; `UNSURE` for an empty object and for whatever needs a closer look: rare escapes, other characters than
 * ASCII, fractions, long numbers, names that begin with a digit or may be there twice. Nothing is made of the bytes, so this
 * takes a fraction of the time of parsing; nearly every entry of a log is as plain as that.
 */
export function lastMemberOfPlainObject(bytes: Uint8Array): number {
  let at = bytes[0] === OPEN_BRACE ? 1 : UNSURE;
  for (let count = 0; at !== UNSURE; count++) {
    const begins = at;
    at = skipMember(bytes, at, 0, count);
    if (bytes[at] === CLOSE_BRACE) return at + 1 === bytes.length ? begins : UNSURE;
    at = bytes[at] === COMMA ? at + 1 : UNSURE;
  }
  return UNSURE;
}

/** Each of these is given where something begins, and answers where it has ended. */
function skipValue(bytes: Uint8Array, at: number, depth: number): number {
  const first = bytes[at] ?? 0;
  if (first === QUOTE) return skipText(bytes, at + 1);
  if (first === OPEN_BRACE) return skipObject(bytes, at + 1, depth);
  if (first === OPEN_BRACKET) return skipArray(bytes, at + 1, depth);
  return first === MINUS || isDigit(first) ? skipNumber(bytes, at) : skipLiteral(bytes, at, first);
}

function skipText(bytes: Uint8Array, begins: number): number {
  let at = begins;
  while (true) {
    while (STANDS_FOR_ITSELF[bytes[at] ?? 0] === 1) at++;
    if (bytes[at] === QUOTE) return at + 1;
    if (bytes[at] !== BACKSLASH || IS_ESCAPED[bytes[at + 1] ?? 0] !== 1) return UNSURE;
    at += 2;
  }
}

function skipObject(bytes: Uint8Array, begins: number, depth: number): number {
  if (depth >= MAX_JSON_DEPTH) return UNSURE;
  let at = begins;
  if (bytes[at] === CLOSE_BRACE) return at + 1;
  for (let count = 0; at !== UNSURE; count++) {
    at = skipMember(bytes, at, depth, count);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    at = bytes[at] === COMMA ? at + 1 : UNSURE;
  }
  return UNSURE;
}

/** A name that is not certainly a new one, or that JavaScript may put elsewhere, is not plain. */
function skipMember(bytes: Uint8Array, begins: number, depth: number, count: number): number {
  const names = namesAtDepth[depth];
  if (names === undefined || count >= MOST_NAMES || bytes[begins] !== QUOTE) return UNSURE;
  let at = begins + 1;
  if (isDigit(bytes[at] ?? 0)) return UNSURE;
  let hash = 0;
  for (let byte = bytes[at] ?? 0; STANDS_FOR_ITSELF[byte] === 1; byte = bytes[++at] ?? 0) {
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (bytes[at] !== QUOTE || bytes[at + 1] !== COLON) return UNSURE;
  for (let before = 0; before < count; before++) if (names[before] === hash) return UNSURE;
  names[count] = hash;
  return skipValue(bytes, at + 2, depth + 1);
}

function skipArray(bytes: Uint8Array, begins: number, depth: number): number {
  if (depth >= MAX_JSON_DEPTH) return UNSURE;
  let at = begins;
  if (bytes[at] === CLOSE_BRACKET) return at + 1;
  while (at !== UNSURE) {
    at = skipValue(bytes, at, depth + 1);
    if (bytes[at] === CLOSE_BRACKET) return at + 1;
    at = bytes[at] === COMMA ? at + 1 : UNSURE;
  }
  return UNSURE;
}

/** Whole and without needless zeros; what follows says whether it ends here, and a point or an exponent does not fit. */
function skipNumber(bytes: Uint8Array, begins: number): number {
  const from = bytes[begins] === MINUS ? begins + 1 : begins;
  let at = from;
  while (isDigit(bytes[at] ?? 0)) at++;
  const digits = at - from;
  const isPlain =
    bytes[from] === ZERO ? digits === 1 && from === begins : digits > 0 && digits <= MOST_DIGITS;
  return isPlain ? at : UNSURE;
}

function skipLiteral(bytes: Uint8Array, begins: number, first: number): number {
  const word = LITERALS.get(first);
  if (word?.every((byte, at) => bytes[begins + at] === byte) !== true) return UNSURE;
  return begins + word.length;
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= 0x39;
