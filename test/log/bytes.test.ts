import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  base64,
  base64url,
  concat,
  encodesHash,
  equalBytes,
  fromBase64,
  fromBase64url,
  fromHex,
  fromUtf8,
  hex,
  isBase64OfHash,
  utf8,
} from '../../src/log/bytes.ts';

const anyBytes = fc.uint8Array({ maxLength: 100 });

test('bytes are spelled as Node spells them, and read back', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      const buffer = Buffer.from(bytes);
      expect([hex(bytes), base64(bytes), base64url(bytes)]).toEqual([
        buffer.toString('hex'),
        buffer.toString('base64'),
        buffer.toString('base64url'),
      ]);
      expect(fromHex(hex(bytes))).toEqual(bytes);
      expect(fromBase64(base64(bytes))).toEqual(bytes);
      expect(fromBase64url(base64url(bytes))).toEqual(bytes);
    }),
  );
});

test('many bytes are spelled without padding in the middle', () => {
  const bytes = Uint8Array.from({ length: 10_001 }, (_, at) => at);
  expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
});

test('base64 that is read is the only spelling of its bytes', () => {
  const texts = fc.string({ unit: fc.constantFrom(...'AQgw/+-_=09\n é'), maxLength: 8 });
  fc.assert(
    fc.property(texts, (text) => {
      for (const [read, write] of [
        [fromBase64, base64],
        [fromBase64url, base64url],
      ] as const) {
        let bytes: Uint8Array;
        try {
          bytes = read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          continue;
        }
        expect(write(bytes)).toBe(text);
      }
    }),
    { numRuns: 2000 },
  );
});

test.each([
  'A',
  'AA',
  'AAA',
  'AB==',
  'AAB=',
  'A===',
  '====',
  'AA=A',
  'AAAA=',
  'AA==AAAA',
  'AAA-',
  'AAA\n',
  ' AAA',
  'AAÁ=',
])('base64 %j is refused', (text) => {
  expect(() => fromBase64(text)).toThrow(RangeError);
});

test.each(['A', 'AB', 'AAB', 'AA==', 'AAA=', 'AAA+', 'AAA/', 'AAAAA'])('base64url %j is refused', (text) => {
  expect(() => fromBase64url(text)).toThrow(RangeError);
});

test.each(['a', 'AB', '0g', ' 00', '00\n', '0x00'])('hexadecimal %j is refused', (text) => {
  expect(() => fromHex(text)).toThrow(RangeError);
});

test('text goes to UTF-8 and back; lone surrogates and bytes that are not UTF-8 are refused; a byte order mark stays', () => {
  expect(fromUtf8(utf8('naïve 😀'))).toBe('naïve 😀');
  expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  expect(() => utf8('\ud800')).toThrow(RangeError);
  expect(() => fromUtf8(Uint8Array.of(0xff))).toThrow(TypeError);
});

test('bytes are put together in order, and compared by length and content', () => {
  expect(concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
  expect(equalBytes(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
  expect(equalBytes(Uint8Array.of(1), Uint8Array.of(1, 2))).toBe(false);
});

test("a hash's base64 is known without making it, and every other text is not", () => {
  const hashes = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(hashes, hashes, fc.nat(43), fc.constantFrom(...'AB/+=-'), (hash, other, at, letter) => {
      const text = base64(hash);
      expect(isBase64OfHash(text)).toBe(true);
      expect(encodesHash(text, hash)).toBe(true);
      expect(encodesHash(base64(other), hash)).toBe(equalBytes(hash, other));
      const changed = text.slice(0, at) + letter + text.slice(at + 1);
      expect(isBase64OfHash(changed) && encodesHash(changed, hash)).toBe(changed === text);
      let strict = true;
      try {
        strict = fromBase64(changed).length === 32;
      } catch {
        strict = false;
      }
      expect(isBase64OfHash(changed)).toBe(strict);
    }),
    { numRuns: 500 },
  );
  expect(isBase64OfHash(base64(new Uint8Array(31)))).toBe(false);
  expect(isBase64OfHash(base64(new Uint8Array(33)))).toBe(false);
});
