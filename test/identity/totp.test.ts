import { expect, test } from 'vitest';
import { matchTotp, newTotpSeed, otpauthUri, totpStep } from '../../src/identity/totp.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';

const seed = Buffer.from('12345678901234567890', 'ascii');

// RFC 6238 appendix B, SHA-1, the last six of eight digits.
const vectors: readonly (readonly [number, string])[] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

test.each(vectors)('RFC 6238 at %i s: %s is the code of that step', (seconds, code) => {
  expect(matchTotp({ seed, code, nowMs: seconds * 1000 })).toEqual({ step: Math.floor(seconds / 30) });
});

test.each(vectors)(
  'RFC 6238 at %i s: %s counts one step later, neither two later nor one earlier',
  (seconds, code) => {
    const at = (steps: number) => matchTotp({ seed, code, nowMs: (seconds + 30 * steps) * 1000 });
    expect(at(1)).toEqual({ step: Math.floor(seconds / 30) });
    expect(at(2)).toBeUndefined();
    expect(at(-1)).toBeUndefined();
  },
);

test.each([
  ['a blank before', ' 287082'],
  ['a blank after', '287082 '],
  ['a blank within', '287 082'],
  ['a line feed after', '287082\n'],
  ['five digits', '28708'],
  ['eight digits, as in the RFC', '94287082'],
  ['full-width digits', '２８７０８２'],
  ['Arabic-Indic digits', '٢٨٧٠٨٢'],
  ['nothing', ''],
  ['a sign', '+28708'],
])('the right code with %s is refused', (_, code) => {
  expect(matchTotp({ seed, code, nowMs: 59_000 })).toBeUndefined();
});

test('a step that is spent does not match again, nor do older ones', () => {
  const attempt = { seed, code: '287082', nowMs: 59_000 };
  expect(matchTotp({ ...attempt, afterStep: 0 })).toEqual({ step: 1 });
  expect(matchTotp({ ...attempt, afterStep: 1 })).toBeUndefined();
  expect(matchTotp({ ...attempt, afterStep: 99 })).toBeUndefined();
  expect(matchTotp({ ...attempt, nowMs: 89_000, afterStep: 1 })).toBeUndefined();
});

test('another seed refuses the code', () => {
  expect(matchTotp({ seed: newTotpSeed(nodeRandom()), code: '287082', nowMs: 59_000 })).toBeUndefined();
});

test('a new seed has 160 bits, and its address tells an authenticator everything', () => {
  const fresh = newTotpSeed(nodeRandom());
  expect(fresh).toHaveLength(20);
  const uri = new URL(otpauthUri({ issuerLabel: 'Countersign', account: 'ada & co', seed }));
  expect(uri.protocol).toBe('otpauth:');
  expect(decodeURIComponent(uri.pathname)).toBe('/Countersign:ada & co');
  expect(uri.searchParams.get('secret')).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
});

test('steps are of thirty seconds', () => {
  expect([0, 29_999, 30_000].map(totpStep)).toEqual([0, 0, 1]);
});
