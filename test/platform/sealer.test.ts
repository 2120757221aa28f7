import { expect, test } from 'vitest';
import { sealer } from '../../src/platform/sealer.ts';

const plain = Buffer.from('a seed');
const key = (id: string, fill: number) => ({ id, key: new Uint8Array(32).fill(fill) });
const one = sealer([key('one', 1)]);

test('what was sealed opens again, an empty value too', () => {
  for (const value of [plain, Buffer.alloc(0), Buffer.alloc(10_000, 3)]) {
    expect(Buffer.from(one.open(one.seal(value, 'totp-seed p-a'), 'totp-seed p-a'))).toEqual(value);
  }
});

test('the same value sealed twice looks different', () => {
  expect(one.seal(plain, 'a')).not.toEqual(one.seal(plain, 'a'));
});

test('a changed bit anywhere is noticed', () => {
  const sealed = one.seal(plain, 'a');
  for (let at = 0; at < sealed.length; at++) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => one.open(changed, 'a'), `byte ${at}`).toThrow();
  }
});

test('a value cut short at any length is noticed', () => {
  const sealed = one.seal(plain, 'a');
  for (let length = 0; length < sealed.length; length++)
    expect(() => one.open(sealed.subarray(0, length), 'a')).toThrow();
});

test('a value moved to another person does not open', () => {
  expect(() => one.open(one.seal(plain, 'totp-seed p-a'), 'totp-seed p-b')).toThrow();
});

test('after a rotation the new key seals and the old one still opens', () => {
  const rotated = sealer([key('two', 2), key('one', 1)]);
  expect(Buffer.from(rotated.open(one.seal(plain, 'a'), 'a'))).toEqual(plain);
  expect(() => one.open(rotated.seal(plain, 'a'), 'a')).toThrow('a key that is not here');
});

test('the right id with another key does not open', () => {
  expect(() => sealer([key('one', 9)]).open(one.seal(plain, 'a'), 'a')).toThrow();
});

test.each([
  ['no key', []],
  ['two keys of one id', [key('one', 1), key('one', 2)]],
  ['a short key', [{ id: 'one', key: new Uint8Array(31) }]],
  ['an empty id', [key('', 1)]],
  ['an id that is not ASCII', [key('schlüssel', 1)]],
])('%s is refused', (_, keys) => {
  expect(() => sealer(keys)).toThrow(RangeError);
});
