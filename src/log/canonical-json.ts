import { fromUtf8 } from './bytes.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';

/** Deepest nesting of arrays and objects that is stored: far above what events need, far below any stack. */
export const MAX_JSON_DEPTH = 32;

export type NonCanonicalReason =
  | 'not-utf8'
  | 'byte-order-mark'
  | 'not-json'
  | 'too-deep'
  | 'whitespace'
  | 'escape-spelling'
  | 'number-spelling'
  | 'integer-too-large'
  | 'lone-surrogate'
  | 'duplicate-key'
  | 'integer-like-key'
  | 'not-a-json-value';

/** JSON that is not in the one spelling the log stores. */
export class NonCanonicalJson extends Error {
  readonly reason: NonCanonicalReason;

  constructor(reason: NonCanonicalReason) {
    super(`JSON is not in its stored form: ${reason}`);
    this.name = 'NonCanonicalJson';
    this.reason = reason;
  }
}

/** RFC 8785: names sorted by UTF-16 code units, no blanks. Throws NonCanonicalJson for a value it cannot spell. */
export function canonicalize(value: Json): string {
  checkNumbersAndDepth(value, 0);
  const text = spellSorted(value);
  if (mayHoldLoneSurrogate(text) && !isWellFormedThroughout(value)) {
    throw new NonCanonicalJson('lone-surrogate');
  }
  return text;
}

/**
 * The value of bytes that are in stored form: writing the parsed value again gives the same bytes, in the
 * order of names found. Throws NonCanonicalJson, whose reason is searched only once the bytes are known bad.
 */
export function parseCanonical(bytes: Uint8Array): Json {
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new NonCanonicalJson('not-utf8');
  }
  return parseCanonicalText(text);
}

/** `parseCanonical` for text that was decoded strictly. */
function parseCanonicalText(text: string): Json {
  const value = parseJson(text);
  checkNumbersAndDepth(value, 0);
  // The escape of a lone surrogate would survive the comparison.
  if (JSON.stringify(value) !== text || (mayHoldLoneSurrogate(text) && !isWellFormedThroughout(value))) {
    throw new NonCanonicalJson(reasonAgainst(text, value));
  }
  return value;
}

/**
 * Throws NonCanonicalJson when a value in memory could not be stored and read back unchanged: undefined,
 * functions, dates, non-finite numbers, huge integers, lone surrogates, excessive nesting.
 */
export function checkJsonValue(value: Json): void {
  checkNumbersAndDepth(value, 0);
  if (!isWellFormedThroughout(value)) throw new NonCanonicalJson('lone-surrogate');
}

/**
 * Whether a name has one spelling only: Unicode NFC, no control or formatting characters, no blank at either
 * end, no two blanks in a row and no blank but U+0020. Two names that look alike then have the same bytes.
 */
export function isCanonicalName(name: string): boolean {
  if (/^[!-~]+$/.test(name)) return true; // nearly all: plain ASCII without blanks
  return (
    name.length > 0 &&
    name.isWellFormed() &&
    name === name.normalize('NFC') &&
    !/[\p{Cc}\p{Cf}\u2028\u2029]|[^\P{White_Space} ]|^ | $| {2}/u.test(name)
  );
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new NonCanonicalJson(text.startsWith('\ufeff') ? 'byte-order-mark' : 'not-json');
  }
}

/** JSON.stringify spells a lone surrogate, and nothing else, as \udXXX; so may a text that holds such a spelling. */
const mayHoldLoneSurrogate = (spelled: string): boolean => spelled.includes('\\ud');

/** Concatenated, not joined: this spells every statement and every parameter of a log. */
function spellSorted(value: Json): string {
  if (typeof value === 'string') return spellText(value);
  if (typeof value !== 'object' || value === null) return String(value);
  let inside = '';
  if (Array.isArray(value)) {
    for (const item of value) inside += inside === '' ? spellSorted(item) : `,${spellSorted(item)}`;
    return `[${inside}]`;
  }
  const members = value as JsonObject; // isArray does not narrow readonly arrays away
  // RFC 8785 §3.2.3: by code units, which is how JavaScript sorts.
  for (const name of Object.keys(members).sort()) {
    const member = `${spellText(name)}:${spellSorted(members[name] as Json)}`; // own name: never undefined
    inside += inside === '' ? member : `,${member}`;
  }
  return `{${inside}}`;
}

const PLAIN = /^[ !#-[\]-~]*$/;

/** Printable ASCII but quote and backslash needs no escape, and nearly every text is that. */
const spellText = (text: string): string => (PLAIN.test(text) ? `"${text}"` : JSON.stringify(text));

function checkNumbersAndDepth(value: Json, depth: number): void {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return;
  if (typeof value === 'number') {
    checkNumber(value);
    return;
  }
  if (typeof value !== 'object') throw new NonCanonicalJson('not-a-json-value');
  if (depth >= MAX_JSON_DEPTH) throw new NonCanonicalJson('too-deep');
  if (Array.isArray(value)) {
    for (const item of value) checkNumbersAndDepth(item, depth + 1);
    return;
  }
  const members = value as { readonly [name: string]: Json }; // isArray does not narrow readonly arrays away.
  if (members['toJSON'] !== undefined && typeof members['toJSON'] === 'function') {
    throw new NonCanonicalJson('not-a-json-value');
  }
  for (const name in members) checkNumbersAndDepth(members[name] as Json, depth + 1); // own name: never undefined
}

function checkNumber(value: number): void {
  if (!Number.isFinite(value)) throw new NonCanonicalJson('number-spelling');
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new NonCanonicalJson('integer-too-large');
}

function isWellFormedThroughout(value: Json): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (Array.isArray(value)) return value.every(isWellFormedThroughout);
  if (!isJsonObject(value)) return true;
  return Object.entries(value).every(
    ([name, member]) => name.isWellFormed() && isWellFormedThroughout(member),
  );
}

const TOKEN = /\s+|"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*/g;

function reasonAgainst(text: string, value: Json): NonCanonicalReason {
  let names = 0;
  for (const [token, colon] of text.matchAll(TOKEN)) {
    if (/^\s|"\s+:$/.test(token)) return 'whitespace';
    if (colon !== undefined) names++;
    const reason = token.startsWith('"')
      ? reasonAgainstString(token.slice(0, token.length - (colon?.length ?? 0)))
      : reasonAgainstNumber(token);
    if (reason !== undefined) return reason;
  }
  return countNames(value) < names ? 'duplicate-key' : 'integer-like-key';
}

function reasonAgainstString(token: string): NonCanonicalReason | undefined {
  const text: string = JSON.parse(token);
  if (!text.isWellFormed()) return 'lone-surrogate';
  return JSON.stringify(text) === token ? undefined : 'escape-spelling';
}

function reasonAgainstNumber(token: string): NonCanonicalReason | undefined {
  return JSON.stringify(Number(token)) === token ? undefined : 'number-spelling';
}

function countNames(value: Json): number {
  if (Array.isArray(value)) return value.reduce((sum: number, item: Json) => sum + countNames(item), 0);
  if (!isJsonObject(value)) return 0;
  return Object.values(value).reduce((sum: number, member) => sum + 1 + countNames(member), 0);
}
