import type { Random } from '../../app/ports.ts';
import { base64url, concat, fromBase64url } from '../../log/bytes.ts';

const TOKEN_BYTES = 32;

/**
 * A sign-in's form token as one answer shows it: a pad of its own, and the token under it. What is compressed beside text
 * that a stranger chose tells by its length what it repeats, and answers that never repeat it tell nothing (BREACH).
 * @param token 32 bytes, base64url
 */
export function maskedToken(random: Pick<Random, 'bytes'>, token: string): string {
  const pad = random.bytes(TOKEN_BYTES);
  return base64url(concat(pad, xor(pad, fromBase64url(token))));
}

/** The token in what a form, or a script of ours, sent back; empty: it is none. */
export function unmaskedToken(given: string): Uint8Array {
  const bytes = bytesOf(given);
  return bytes?.length === 2 * TOKEN_BYTES
    ? xor(bytes.subarray(0, TOKEN_BYTES), bytes.subarray(TOKEN_BYTES))
    : new Uint8Array();
}

const xor = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  left.map((byte, place) => byte ^ (right[place] ?? 0));

function bytesOf(text: string): Uint8Array | undefined {
  try {
    return fromBase64url(text);
  } catch {
    return undefined;
  }
}
