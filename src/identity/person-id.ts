import { createHmac } from 'node:crypto';
import type { PersonId } from '../domain/ids.ts';

const ID_CHARACTERS = 26;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const CONTROL = /\p{Cc}/u;

/**
 * The name of a person or a workload in the log: `p-` or `w-` and 26 characters (130 bits) of lower-case
 * base 32 (RFC 4648 §6) of HMAC-SHA-256(key, `countersign/person/v1` LF kind LF issuer LF subject).
 *
 * Derived rather than looked up, so that it is the same after personal texts were erased and after a
 * rebuild; keyed, so that nobody without the key can test whom an id stands for. Issuer and subject only:
 * an e-mail address passes from one human to the next, and two issuers may both claim it.
 * @param key 32 bytes
 * @param issuer the issuer's URL, exactly as in its tokens
 * @throws RangeError when issuer or subject is empty or holds a control character, which could shift one
 *   into the other
 */
export function personId(
  key: Uint8Array,
  kind: 'human' | 'workload',
  issuer: string,
  subject: string,
): PersonId {
  for (const part of [issuer, subject]) {
    if (part === '' || CONTROL.test(part) || !part.isWellFormed()) {
      throw new RangeError('issuer and subject are not empty and hold no control characters');
    }
  }
  const digest = createHmac('sha256', key)
    .update(`countersign/person/v1\n${kind}\n${issuer}\n${subject}`)
    .digest();
  return `${kind === 'human' ? 'p' : 'w'}-${base32(digest).slice(0, ID_CHARACTERS)}`;
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xfff;
    count += 8;
    for (; count >= 5; count -= 5) text += ALPHABET.charAt((bits >> (count - 5)) & 31);
  }
  return text;
}
