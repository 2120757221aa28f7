import { hash } from 'node:crypto';
import type { Random } from '../app/ports.ts';

export type CodeKind = 'recovery' | 'enrolment';

/** `code` is shown once to the person; only `hash` is kept, as the id of its secret. */
export interface NewCode {
  readonly code: string;
  /** Lower-case hexadecimal SHA-256. */
  readonly hash: string;
}

// Crockford's base 32: no letter that is read as another. Five bits a character.
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const GROUP_CHARACTERS = 4;
// 80 and 100 bits: beyond guessing even for somebody who has the hashes, so a slow hash would gain nothing.
const CHARACTERS: Record<CodeKind, number> = { recovery: 16, enrolment: 20 };
const RECOVERY_CODES = 10;
const MOST_TYPED_CHARACTERS = 100;

/** A fresh code in groups of four, such as `7K2M-…`. */
export function newCode(random: Random, kind: CodeKind): NewCode {
  let text = '';
  for (const byte of random.bytes(CHARACTERS[kind])) text += ALPHABET.charAt(byte & 31);
  return { code: grouped(text), hash: hashOf(text) };
}

/** Ten, as they are handed out together. */
export function newRecoveryCodes(random: Random): readonly NewCode[] {
  return Array.from({ length: RECOVERY_CODES }, () => newCode(random, 'recovery'));
}

/**
 * The hash under which a typed code is looked up; undefined: the text cannot be a code of either kind.
 * Case, blanks and dashes do not count, `O` is 0, `I` and `L` are 1.
 */
export function hashCode(typed: string): string | undefined {
  if (typed.length > MOST_TYPED_CHARACTERS) return undefined;
  const bare = typed.replace(/[\s\p{Dash_Punctuation}]/gu, '');
  // Checked before folding: `toUpperCase` turns some letters of other alphabets into ASCII ones.
  if (!/^[0-9A-Za-z]+$/.test(bare)) return undefined;
  const text = bare.toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  const isCode = text.length === CHARACTERS.recovery || text.length === CHARACTERS.enrolment;
  return isCode && !text.includes('U') ? hashOf(text) : undefined;
}

const hashOf = (text: string): string => hash('sha256', `countersign/code/v1\n${text}`, 'hex');

function grouped(text: string): string {
  const groups: string[] = [];
  for (let at = 0; at < text.length; at += GROUP_CHARACTERS)
    groups.push(text.slice(at, at + GROUP_CHARACTERS));
  return groups.join('-');
}
