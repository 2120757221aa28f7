import { expect, test } from 'vitest';
import { hashCode, newCode, newRecoveryCodes } from '../../src/identity/codes.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';

const random = nodeRandom();
const fixed = { ...random, bytes: (count: number) => Uint8Array.from({ length: count }, (_, at) => at) };

test('a recovery code has sixteen characters in groups of four, an enrolment code twenty', () => {
  expect(newCode(fixed, 'recovery').code).toBe('0123-4567-89AB-CDEF');
  expect(newCode(fixed, 'enrolment').code).toBe('0123-4567-89AB-CDEF-GHJK');
});

test('a code as it was shown finds its hash', () => {
  for (const kind of ['recovery', 'enrolment'] as const) {
    const { code, hash } = newCode(random, kind);
    expect(hashCode(code)).toBe(hash);
  }
});

test.each([
  ['lower case', '0123-4567-89ab-cdef'],
  ['no dashes', '0123456789ABCDEF'],
  ['blanks for dashes', ' 0123 4567\t89AB CDEF\n'],
  ['typographic dashes', '0123–4567—89AB‑CDEF'],
  ['O for 0 and l for 1', 'Ol23-4567-89AB-CDEF'],
])('%s is the same code', (_, typed) => {
  expect(hashCode(typed)).toBe(newCode(fixed, 'recovery').hash);
});

test.each([
  ['nothing', ''],
  ['a character short', '0123-4567-89AB-CDE'],
  ['a character long', '0123-4567-89AB-CDEFG'],
  ['a letter outside the alphabet', '0123-4567-89AB-CDEU'],
  ['a dotless i, which upper case turns into I', '0ı23-4567-89AB-CDEF'],
  ['a full-width digit', '０123-4567-89AB-CDEF'],
  ['ten thousand blanks', ' '.repeat(10_000)],
])('%s is no code', (_, typed) => {
  expect(hashCode(typed)).toBeUndefined();
});

test('ten recovery codes are all different, and use the whole alphabet', () => {
  const codes = newRecoveryCodes(random);
  expect(new Set(codes.map(({ hash }) => hash)).size).toBe(10);
  const many = Array.from({ length: 200 }, () => newCode(random, 'recovery').code.replaceAll('-', '')).join(
    '',
  );
  expect(new Set(many).size).toBe(32);
});
