import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDuration } from '../../src/policy-file/duration.ts';

test.each([
  ['30m', 1_800],
  ['8h', 28_800],
  ['90d', 7_776_000],
  ['1h30m', 5_400],
  ['90m', 5_400],
  ['1d2h3m', 93_780],
  ['999d9999h99999m', 999 * 86_400 + 9_999 * 3_600 + 99_999 * 60],
])('%s is %i seconds', (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each([
  '',
  'm',
  '30',
  '0m',
  '0h30m',
  '1h0m',
  '01h',
  '1h 30m',
  '30m1h',
  '1h1h',
  '-1h',
  '1.5h',
  '1H',
  '30s',
  '30m\n',
  ' 30m',
  '1000d',
  '١h',
  '1e3m',
])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('days, hours and minutes add up, whichever of them are written', () => {
  const part = (most: number) => fc.option(fc.integer({ min: 1, max: most }), { nil: 0 });
  fc.assert(
    fc.property(part(999), part(9_999), part(99_999), (days, hours, minutes) => {
      const text = `${days ? `${days}d` : ''}${hours ? `${hours}h` : ''}${minutes ? `${minutes}m` : ''}`;
      const seconds = ((days * 24 + hours) * 60 + minutes) * 60;
      expect(parseDuration(text)).toBe(seconds === 0 ? undefined : seconds);
    }),
  );
});

test('whatever the text, a duration is at least a minute and whole minutes', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9dhms -]{0,12}$/), (text) => {
      const seconds = parseDuration(text);
      if (seconds !== undefined) {
        expect(seconds).toBeGreaterThanOrEqual(60);
        expect(seconds % 60).toBe(0);
      }
    }),
  );
});
