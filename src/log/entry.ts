import { base64, fromBase64, fromUtf8, isBase64OfHash, utf8 } from './bytes.ts';
import type { NonCanonicalReason } from './canonical-json.ts';
import { checkJsonValue, isCanonicalName, NonCanonicalJson, parseCanonical } from './canonical-json.ts';
import { HASH_BYTES } from './hasher.ts';
import type { Json, JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import { isKeyName } from './note.ts';
import { lastMemberOfPlainObject, UNSURE } from './plain-json.ts';

/** Most bytes in an entry: the entry bundle's length field has 16 bits. */
export const MAX_ENTRY_BYTES = 65_535;

/** What the first entry names as its predecessor's leaf hash. */
export const NO_PREVIOUS: Uint8Array = new Uint8Array(HASH_BYTES);

/** Longest subject or stream name, in UTF-16 code units. */
export const MAX_NAME_LENGTH = 512;

/**
 * The JSON of an entry: a CloudEvents 1.0 envelope with four extension attributes. Its fields stand in exactly this
 * order in the bytes, for ever.
 */
export interface Envelope {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: string;
  readonly subject: string;
  readonly seq: string;
  readonly prev: string;
  readonly stream: string;
  readonly streamversion: string;
  readonly data: JsonObject;
}

/** An entry read from its bytes. */
export interface Entry {
  /** At least 128 random bits. */
  readonly id: string;
  /** The log's origin. */
  readonly source: string;
  /** Versioned event type, such as `countersign.request.submitted.v1`. */
  readonly type: string;
  /** `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
  readonly time: string;
  readonly timeMs: number;
  readonly subject: string;
  /** Position in the log, from 0. */
  readonly seq: number;
  /** Leaf hash of the entry before, 32 bytes; zeros for the first. */
  readonly prev: Uint8Array;
  readonly stream: string;
  /** Position in its stream, from 1. */
  readonly streamVersion: number;
  readonly data: JsonObject;
}

/** What a decision wants logged. */
export interface EntryDraft {
  readonly type: string;
  readonly stream: string;
  readonly subject: string;
  readonly data: JsonObject;
}

/** Where and when an entry is sealed. */
export interface SealingPlace {
  readonly seq: number;
  readonly prev: Uint8Array;
  /** 22 to 64 characters of the base64url alphabet, carrying at least 128 random bits (a ULID has only 80). */
  readonly id: string;
  readonly origin: string;
  readonly timeMs: number;
  readonly streamVersion: number;
}

export type MalformedEntryReason =
  | NonCanonicalReason
  | 'too-large'
  | 'wrong-fields'
  | 'bad-specversion'
  | 'bad-id'
  | 'bad-source'
  | 'bad-type'
  | 'bad-time'
  | 'bad-subject'
  | 'bad-seq'
  | 'bad-prev'
  | 'bad-stream'
  | 'bad-stream-version'
  | 'bad-data';

/** Bytes that are no entry of this log's format, or a draft that cannot become one. */
export class MalformedEntry extends Error {
  readonly reason: MalformedEntryReason;

  constructor(reason: MalformedEntryReason) {
    super(`malformed log entry: ${reason}`);
    this.name = 'MalformedEntry';
    this.reason = reason;
  }
}

/** The exact bytes that are stored, hashed and exported. Throws MalformedEntry, so nothing unreadable is ever sealed. */
export function sealEntry(draft: EntryDraft, at: SealingPlace): Uint8Array {
  const envelope: Envelope = {
    specversion: '1.0',
    id: at.id,
    source: at.origin,
    type: draft.type,
    time: formatTime(at.timeMs),
    subject: draft.subject,
    seq: String(at.seq),
    prev: base64(at.prev),
    stream: draft.stream,
    streamversion: String(at.streamVersion),
    data: draft.data,
  };
  checkEnvelope({ ...envelope });
  canonicalOrMalformed(() => checkJsonValue(draft.data));
  const bytes = utf8(JSON.stringify(envelope));
  if (bytes.length > MAX_ENTRY_BYTES) throw new MalformedEntry('too-large');
  return bytes;
}

/** Reads bytes of unknown origin: stored form, fields, their order and every value are checked. Throws MalformedEntry. */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > MAX_ENTRY_BYTES) throw new MalformedEntry('too-large');
  return toEntry(checkEnvelope(canonicalOrMalformed(() => parseCanonical(bytes))));
}

/** Reads bytes that the tree already vouches for: cheaper, as the spelling is not compared. Throws MalformedEntry. */
export function readEntry(bytes: Uint8Array): Entry {
  let value: Json;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch {
    throw new MalformedEntry('not-json');
  }
  return toEntry(checkEnvelope(value));
}

/** An envelope as far as it says where an entry stands. */
export type EnvelopeHead = Omit<Envelope, 'data'>;

/**
 * The head of bytes of unknown origin, as strictly checked as by `parseEntry`, and of plain entries without reading
 * their data. Throws MalformedEntry.
 * @param text the same bytes, a character for each, where the caller has it: many at once are decoded faster
 */
export function readEnvelopeHead(bytes: Uint8Array, text?: string): EnvelopeHead {
  if (bytes.length > MAX_ENTRY_BYTES) throw new MalformedEntry('too-large');
  const dataAt = lastMemberOfPlainObject(bytes);
  const headEnds = dataAt + DATA.length;
  // Plain bytes are ASCII, which is the same in any spelling of texts.
  const head = dataAt === UNSURE ? '' : (text?.slice(0, headEnds) ?? fromUtf8(bytes.subarray(0, headEnds)));
  const plain = readPlainHead(head);
  return plain ?? checkEnvelope(canonicalOrMalformed(() => parseCanonical(bytes)));
}

const DATA = '"data":{';

/** What a member may be called or may stand for in plain text: printable ASCII but the two that are escaped, no blank. */
const PLAIN_NAME = `([!#-[\\]-~]{1,${MAX_NAME_LENGTH}})`;
/** Never so many digits that a number would not be exact. */
const PLAIN_COUNT = '[1-9][0-9]{0,14}';
const PLAIN_HEAD = new RegExp(
  [
    '^{"specversion":"1\\.0","id":"([A-Za-z0-9_-]{22,64})","source":"([!#-*,-[\\]-~]+)"',
    '"type":"([a-z][a-z0-9]*(?:[._-][a-z0-9]+)*\\.v[1-9][0-9]{0,3})","time":"([0-9TZ:.-]{24})"',
    `"subject":"${PLAIN_NAME}","seq":"(0|${PLAIN_COUNT})","prev":"([A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=)"`,
    `"stream":"${PLAIN_NAME}","streamversion":"(${PLAIN_COUNT})",${DATA}$`,
  ].join(','),
);

/**
 * The head as nearly all are, at a glance: several times as fast as parsing it and looking at each field. undefined for
 * whatever needs a closer look. All that comes after must be known to be plain, so that the data are some object that
 * ends the whole.
 */
function readPlainHead(text: string): EnvelopeHead | undefined {
  const found = PLAIN_HEAD.exec(text);
  if (found === null) return undefined;
  const [, id = '', source = '', type = '', time = '', subject = '', seq = '', prev = ''] = found;
  if (Number.isNaN(parseTime(time))) return undefined;
  const [stream = '', streamversion = ''] = [found[8], found[9]];
  return { specversion: '1.0', id, source, type, time, subject, seq, prev, stream, streamversion };
}

/** Checks fields, order and values of a parsed entry. Throws MalformedEntry. */
export function checkEnvelope(value: Json): Envelope {
  if (!isJsonObject(value) || !hasFieldsInOrder(value)) throw new MalformedEntry('wrong-fields');
  // Written out, not looped over a table: this runs for every entry of a log, and is three times as fast.
  const { specversion, id, source, type, time, subject, seq, prev, stream, streamversion, data } = value;
  demand(specversion === '1.0', 'bad-specversion');
  demand(isText(id) && ID_PATTERN.test(id), 'bad-id');
  demand(isText(source) && isKeyName(source), 'bad-source');
  demand(isText(type) && TYPE_PATTERN.test(type), 'bad-type');
  demand(isText(time) && !Number.isNaN(parseTime(time)), 'bad-time');
  demand(isName(subject), 'bad-subject');
  demand(isCount(seq), 'bad-seq');
  demand(isText(prev) && isBase64OfHash(prev), 'bad-prev');
  demand(isName(stream), 'bad-stream');
  demand(isCount(streamversion) && streamversion !== '0', 'bad-stream-version');
  demand(isJsonObject(data), 'bad-data');
  return value as unknown as Envelope; // each field was checked just above
}

/** Milliseconds since 1970 of a time in the log's one spelling, years 1970 to 9999, or NaN. */
export function parseTime(time: string): number {
  if (!TIME_PATTERN.test(time)) return Number.NaN;
  const year = digits(time, 0, 4);
  const month = digits(time, 5, 7);
  const day = digits(time, 8, 10);
  if (year < 1970 || (day > 28 && day > daysInMonth(year, month))) return Number.NaN;
  return Date.UTC(
    year,
    month - 1,
    day,
    digits(time, 11, 13),
    digits(time, 14, 16),
    digits(time, 17, 19),
    digits(time, 20, 23),
  );
}

const TIME_PATTERN =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const ID_PATTERN = /^[A-Za-z0-9_-]{22,64}$/;
const TYPE_PATTERN = /^[a-z][a-z0-9]*(?:[._-][a-z0-9]+)*\.v[1-9][0-9]{0,3}$/;
const COUNT_PATTERN = /^(?:0|[1-9][0-9]{0,15})$/;

const FIELDS: readonly (keyof Envelope)[] = [
  'specversion',
  'id',
  'source',
  'type',
  'time',
  'subject',
  'seq',
  'prev',
  'stream',
  'streamversion',
  'data',
];

function hasFieldsInOrder(value: JsonObject): boolean {
  let at = 0;
  for (const name in value) if (name !== FIELDS[at++]) return false;
  return at === FIELDS.length;
}

function demand(holds: boolean, reason: MalformedEntryReason): void {
  if (!holds) throw new MalformedEntry(reason);
}

function isText(value: Json | undefined): value is string {
  return typeof value === 'string';
}

function isName(value: Json | undefined): boolean {
  return typeof value === 'string' && value.length <= MAX_NAME_LENGTH && isCanonicalName(value);
}

function isCount(value: Json | undefined): boolean {
  return typeof value === 'string' && COUNT_PATTERN.test(value) && Number.isSafeInteger(Number(value));
}

function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) number = 10 * number + text.charCodeAt(at) - 48;
  return number;
}

function daysInMonth(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function formatTime(timeMs: number): string {
  const time = Number.isSafeInteger(timeMs) ? new Date(timeMs) : undefined;
  if (time === undefined || Number.isNaN(time.getTime())) throw new MalformedEntry('bad-time');
  return time.toISOString();
}

function toEntry(envelope: Envelope): Entry {
  const { id, source, type, time, subject, seq, prev, stream, streamversion, data } = envelope;
  return {
    id,
    source,
    type,
    time,
    timeMs: parseTime(time),
    subject,
    seq: Number(seq),
    prev: fromBase64(prev),
    stream,
    streamVersion: Number(streamversion),
    data,
  };
}

function canonicalOrMalformed<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof NonCanonicalJson ? new MalformedEntry(error.reason) : error;
  }
}
