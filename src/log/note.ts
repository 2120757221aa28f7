import { base64, concat, equalBytes, fromBase64, fromHex, fromUtf8, hex, utf8 } from './bytes.ts';
import type { Hasher } from './hasher.ts';

/** Signature types of C2SP signed-note that are understood here. */
export const ED25519 = 0x01;
export const ED25519_COSIGNATURE = 0x04;

export type SignatureType = typeof ED25519 | typeof ED25519_COSIGNATURE;

/** Most signature lines read from one note; the specification asks for at least 16. */
export const MAX_SIGNATURES = 64;
/** Most bytes read as one note, signatures included. */
export const MAX_NOTE_BYTES = 1_000_000;

const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const TIME_BYTES = 8;
const LINE_START = '\u2014 '; // em dash and a blank

/** A public key by which a note is believed. */
export interface VerifierKey {
  readonly name: string;
  readonly type: SignatureType;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 4 bytes, a hint only: it tells which key to try, never that the key is right. */
  readonly keyId: Uint8Array;
}

/** Holds an Ed25519 private key: the log's own (type 01), or a witness's for cosignatures (type 04). */
export interface NoteSigner {
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** 64 bytes of Ed25519 signature (RFC 8032) over the message. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** Whether a signature of 64 bytes is good. Must answer false, not throw, for keys and signatures that are no curve points. */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** The line as it stood, without its newline. */
  readonly line: string;
  /** Seconds since 1970 as the cosigner states them; absent for plain signatures. */
  readonly timeSeconds?: number;
}

export interface OpenedNote {
  /** The signed text, ending in a newline. */
  readonly text: string;
  /** One or more; keys may repeat where a cosigner signed at several times. */
  readonly verified: readonly VerifiedSignature[];
  /** Lines by keys that were not given: ignored, and worth nothing. */
  readonly unknown: readonly string[];
}

export type NoteReason =
  | 'bad-verifier-key'
  | 'bad-name'
  | 'unsupported-key-type'
  | 'key-id-mismatch'
  | 'too-large'
  | 'not-utf8'
  | 'control-character'
  | 'no-final-newline'
  | 'no-signatures'
  | 'too-many-signatures'
  | 'bad-signature-line'
  | 'duplicate-signature'
  | 'ambiguous-key'
  | 'signature-fails'
  | 'no-known-signature';

/** A note or verifier key that is malformed or not to be believed. */
export class BadNote extends Error {
  readonly reason: NoteReason;

  constructor(reason: NoteReason) {
    super(`signed note refused: ${reason}`);
    this.name = 'BadNote';
    this.reason = reason;
  }
}

/** Whether a key may have this name: not empty, without Unicode space, `+` or control characters. */
export function isKeyName(name: string): boolean {
  if (/^[!-*,-~]+$/.test(name)) return true; // nearly all: plain ASCII
  return name.length > 0 && name.isWellFormed() && !/[\p{White_Space}+\p{Cc}]/u.test(name);
}

/** First 4 bytes of SHA-256(name ‖ 0A ‖ type ‖ public key) (C2SP signed-note). */
export function keyId(hasher: Hasher, name: string, type: SignatureType, publicKey: Uint8Array): Uint8Array {
  const message = concat(utf8(name), Uint8Array.of(0x0a, type), publicKey);
  return hasher.sha256(message).slice(0, KEY_ID_BYTES);
}

/** The verifier key of a signer. Throws BadNote `bad-name` or `bad-verifier-key`. */
export function verifierKeyOf(
  hasher: Hasher,
  signer: { readonly name: string; readonly publicKey: Uint8Array },
  type: SignatureType = ED25519,
): VerifierKey {
  const { name, publicKey } = signer;
  if (!isKeyName(name)) throw new BadNote('bad-name');
  if (publicKey.length !== PUBLIC_KEY_BYTES) throw new BadNote('bad-verifier-key');
  return { name, type, publicKey, keyId: keyId(hasher, name, type, publicKey) };
}

/** `name+keyid+base64(type ‖ public key)`. */
export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${hex(key.keyId)}+${base64(concat(Uint8Array.of(key.type), key.publicKey))}`;
}

/** Strict inverse of `formatVerifierKey`; the key id is recomputed. Throws BadNote. */
export function parseVerifierKey(hasher: Hasher, text: string): VerifierKey {
  // Split at the first two plus signs only: base64 has plus signs of its own.
  const parts = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/su.exec(text);
  const [, name = '', id = '', encoded = ''] = parts ?? [];
  if (parts === null) throw new BadNote('bad-verifier-key');
  const blob = decodeOr(encoded, 'bad-verifier-key');
  const type = blob[0];
  if (type !== ED25519 && type !== ED25519_COSIGNATURE) throw new BadNote('unsupported-key-type');
  const key = verifierKeyOf(hasher, { name, publicKey: blob.slice(1) }, type);
  if (!equalBytes(key.keyId, fromHex(id))) throw new BadNote('key-id-mismatch');
  return key;
}

/** A text with plain Ed25519 signatures, in the order of the signers. The text must end in a newline. Throws BadNote. */
export async function signNote(
  hasher: Hasher,
  text: string,
  signers: readonly NoteSigner[],
): Promise<Uint8Array> {
  checkText(text);
  const message = utf8(text);
  let lines = '';
  for (const signer of signers) {
    lines += formatSignatureLine(verifierKeyOf(hasher, signer), await signer.sign(message));
  }
  if (lines === '') throw new BadNote('no-signatures');
  return utf8(`${text}\n${lines}`);
}

/** One signature line with its newline. */
export function formatSignatureLine(key: VerifierKey, signature: Uint8Array): string {
  return `${LINE_START}${key.name} ${base64(concat(key.keyId, signature))}\n`;
}

/** What a cosigner signs (C2SP tlog-cosignature): its time in seconds, then the checkpoint's text. */
export function cosignedMessage(timeSeconds: number, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${timeSeconds}\n${text}`);
}

/**
 * Reads a note of unknown origin and checks it against the keys given. Lines by other keys are set aside. Throws
 * BadNote when the note is malformed in any way, a known key's signature fails, or no known key has signed.
 */
export async function openNote(
  bytes: Uint8Array,
  knownKeys: readonly VerifierKey[],
  verify: VerifyEd25519,
): Promise<OpenedNote> {
  const { text, lines } = splitNote(bytes);
  const verified: VerifiedSignature[] = [];
  const unknown: string[] = [];
  for (const line of lines) {
    const { name, id, signature } = parseSignatureLine(line);
    const key = findKey(knownKeys, name, id);
    if (key === undefined) unknown.push(line);
    else verified.push({ key, line, ...(await checkSignature(key, text, signature, verify)) });
  }
  if (verified.length === 0) throw new BadNote('no-known-signature');
  return { text, verified, unknown };
}

/** The text (with its newline) and the signature lines (without), form checked, no signature believed. Throws BadNote. */
export function splitNote(bytes: Uint8Array): { readonly text: string; readonly lines: readonly string[] } {
  if (bytes.length > MAX_NOTE_BYTES) throw new BadNote('too-large');
  const note = decodeText(bytes);
  if (!note.endsWith('\n')) throw new BadNote('no-final-newline');
  const split = note.lastIndexOf('\n\n');
  if (split === -1) throw new BadNote('no-signatures');
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split('\n');
  checkText(text);
  if (note.length === split + 2) throw new BadNote('no-signatures');
  if (lines.length > MAX_SIGNATURES) throw new BadNote('too-many-signatures');
  if (new Set(lines).size !== lines.length) throw new BadNote('duplicate-signature');
  for (const line of lines) parseSignatureLine(line);
  return { text, lines };
}

function decodeText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new BadNote('not-utf8');
  }
}

function checkText(text: string): void {
  if (!text.endsWith('\n')) throw new BadNote('no-final-newline');
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x0a) throw new BadNote('control-character');
  }
}

function parseSignatureLine(line: string): { name: string; id: Uint8Array; signature: Uint8Array } {
  const [, name = '', encoded = ''] = /^\u2014 ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  if (!isKeyName(name)) throw new BadNote('bad-signature-line');
  const blob = decodeOr(encoded, 'bad-signature-line');
  if (blob.length <= KEY_ID_BYTES) throw new BadNote('bad-signature-line');
  return { name, id: blob.slice(0, KEY_ID_BYTES), signature: blob.slice(KEY_ID_BYTES) };
}

function findKey(keys: readonly VerifierKey[], name: string, id: Uint8Array): VerifierKey | undefined {
  const found = keys.filter((key) => key.name === name && equalBytes(key.keyId, id));
  // Key ids have 32 bits only: two keys that share name and id cannot be told apart, so neither is believed.
  if (found.some((key) => key.type !== found[0]?.type || !equalBytes(key.publicKey, found[0].publicKey))) {
    throw new BadNote('ambiguous-key');
  }
  return found[0];
}

async function checkSignature(
  key: VerifierKey,
  text: string,
  blob: Uint8Array,
  verify: VerifyEd25519,
): Promise<{ readonly timeSeconds?: number }> {
  const timed = key.type === ED25519_COSIGNATURE;
  const signature = timed ? blob.slice(TIME_BYTES) : blob;
  if (signature.length !== SIGNATURE_BYTES) throw new BadNote('signature-fails');
  const timeSeconds = timed ? readTime(blob) : 0;
  const message = timed ? cosignedMessage(timeSeconds, text) : utf8(text);
  if (!(await verify(key.publicKey, message, signature))) throw new BadNote('signature-fails');
  return timed ? { timeSeconds } : {};
}

function readTime(blob: Uint8Array): number {
  const seconds = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) throw new BadNote('signature-fails');
  return Number(seconds);
}

function decodeOr(encoded: string, reason: NoteReason): Uint8Array {
  try {
    return fromBase64(encoded);
  } catch {
    throw new BadNote(reason);
  }
}
