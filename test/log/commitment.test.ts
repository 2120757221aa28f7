import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hex, utf8 } from '../../src/log/bytes.ts';
import { checkDisclosure, commit } from '../../src/log/commitment.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

const disclosure = {
  key: Uint8Array.from({ length: 32 }, (_, at) => at),
  type: 'countersign.request.submitted.v1',
  pointer: '/justification',
  value: 'The disk is full: “ENG-1042”',
};

test('a commitment is the HMAC of purpose, type, pointer and value', () => {
  const message = `countersign/commitment/v1\n${disclosure.type}\n/justification\n${disclosure.value}`;
  const expected = createHmac('sha256', disclosure.key).update(message, 'utf8').digest('hex');
  expect(hex(commit(nodeHasher, disclosure))).toBe(expected);
});

test('only the disclosure that was committed to fits; another value, field, type or key does not', () => {
  const commitment = commit(nodeHasher, disclosure);
  expect(checkDisclosure(nodeHasher, commitment, disclosure)).toBe(true);
  for (const more of [
    { value: 'The disk is full' },
    { pointer: '/reason' },
    { type: 'countersign.request.submitted.v2' },
    { key: new Uint8Array(32) },
  ]) {
    expect(checkDisclosure(nodeHasher, commitment, { ...disclosure, ...more })).toBe(false);
  }
  expect(checkDisclosure(nodeHasher, commitment.slice(1), disclosure)).toBe(false);
});

test('no other way of dividing the same text into fields fits', () => {
  const commitment = commit(nodeHasher, { ...disclosure, pointer: '/a', value: 'b\nc' });
  expect(checkDisclosure(nodeHasher, commitment, { ...disclosure, pointer: '/a\nb', value: 'c' })).toBe(
    false,
  );
  expect(() => commit(nodeHasher, { ...disclosure, pointer: '/a\nb' })).toThrow(RangeError);
  expect(() => commit(nodeHasher, { ...disclosure, type: 'a\nb' })).toThrow(RangeError);
});

test('a key that HMAC would pad to the same block is refused, and so is a lone surrogate', () => {
  const commitment = commit(nodeHasher, disclosure);
  const padded = Uint8Array.from([...disclosure.key, 0]);
  expect(checkDisclosure(nodeHasher, commitment, { ...disclosure, key: padded })).toBe(false);
  expect(() => commit(nodeHasher, { ...disclosure, key: new Uint8Array(31) })).toThrow(RangeError);
  expect(() => commit(nodeHasher, { ...disclosure, value: '\ud800' })).toThrow(RangeError);
});

test('guessing a low-entropy value without the key tells nothing', () => {
  const commitment = hex(commit(nodeHasher, { ...disclosure, value: 'yes' }));
  const guesses = ['yes', 'no'].map((value) => hex(nodeHasher.sha256(utf8(value))));
  const keyless = ['yes', 'no'].map((value) =>
    hex(commit(nodeHasher, { ...disclosure, key: new Uint8Array(32), value })),
  );
  expect([...guesses, ...keyless]).not.toContain(commitment);
});

test('different values never share a commitment under one key', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
      const commitment = commit(nodeHasher, { ...disclosure, value: one });
      expect(checkDisclosure(nodeHasher, commitment, { ...disclosure, value: other })).toBe(one === other);
    }),
  );
});
