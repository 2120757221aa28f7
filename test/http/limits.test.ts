import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { Failure } from '../../src/domain/errors.ts';
import { forwardedAddress } from '../../src/http/middleware/forwarded-address.ts';
import { checkJsonShape } from '../../src/http/middleware/json-shape.ts';
import { limitByAddress, tokenBuckets } from '../../src/http/middleware/rate-limit.ts';
import type { HttpEnv } from '../../src/http/parts.ts';

const clockAt = (time: { ms: number }) => ({ monotonicMs: () => time.ms });

test('a bucket gives its burst, then as much as time has filled', () => {
  const time = { ms: 0 };
  const take = tokenBuckets({ burst: 2, perSecond: 1 }, clockAt(time));
  expect([take('a'), take('a'), take('a'), take('b')]).toEqual([true, true, false, true]);
  time.ms = 999;
  expect(take('a')).toBe(false);
  time.ms = 1_000;
  expect([take('a'), take('a')]).toEqual([true, false]);
  time.ms = 1_000_000;
  expect([take('a'), take('a'), take('a')]).toEqual([true, true, false]);
});

function appFor(trustedProxies: readonly string[]) {
  const app = new Hono<HttpEnv>();
  app.use(forwardedAddress(trustedProxies));
  return app.get('/', (c) => c.text(c.get('address') ?? 'none'));
}

test.each([
  ['nobody is trusted', [], '10.0.0.1', '203.0.113.9', '10.0.0.1'],
  ['the proxy is trusted', ['10.0.0.1'], '10.0.0.1', '203.0.113.9', '203.0.113.9'],
  [
    'the caller wrote something before the proxy did',
    ['10.0.0.0/8'],
    '10.0.0.1',
    '198.51.100.1, 203.0.113.9',
    '203.0.113.9',
  ],
  ['two proxies of a trusted network', ['10.0.0.0/8'], '10.0.0.1', '203.0.113.9, 10.0.0.2', '203.0.113.9'],
  ['a stranger writes the header', ['10.0.0.1'], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
  ['the header is nonsense', ['10.0.0.1'], '10.0.0.1', 'ada, <script>', '10.0.0.1'],
  ['IPv4 over an IPv6 socket', ['10.0.0.1'], '::ffff:10.0.0.1', '2001:db8::1', '2001:db8::1'],
])('where %s, the caller is who it is', async (_, trusted, socket, header, expected) => {
  const env = { incoming: { socket: { remoteAddress: socket } } };
  const answer = await appFor(trusted).request('/', { headers: { 'x-forwarded-for': header } }, env);
  expect(await answer.text()).toBe(expected);
});

test('addresses of one IPv6 network share a bucket, others do not', async () => {
  const app = new Hono<HttpEnv>();
  app.onError((error, c) => c.text(error instanceof Failure ? error.code : 'other', 429));
  app.use(forwardedAddress([]), limitByAddress({ burst: 1, perSecond: 0 }, clockAt({ ms: 0 })));
  app.get('/', (c) => c.text('ok'));
  const from = async (remoteAddress: string) =>
    (await app.request('/', {}, { incoming: { socket: { remoteAddress } } })).status;
  expect(await from('2001:db8:0:1::1')).toBe(200);
  expect(await from('2001:db8::1:ffff:ffff:ffff:ffff')).toBe(429);
  expect(await from('2001:db8:0:2::1')).toBe(200);
});

test.each([
  ['deep arrays', '['.repeat(25) + ']'.repeat(25)],
  ['deep objects', `${'{"a":'.repeat(25)}1${'}'.repeat(25)}`],
  ['a long list', `[${'1,'.repeat(1000)}1]`],
  ['a list behind quotes that only look like an end', `["\\"]",${'1,'.repeat(1000)}1]`],
])('%s are refused before they are parsed', (_, text) => {
  expect(() => checkJsonShape(text)).toThrow(Failure);
});

test.each([
  '{}',
  '[[],[],[]]',
  JSON.stringify({ text: '[[[[[['.repeat(100) }),
  JSON.stringify({ text: ','.repeat(5000) }),
])('%.20s passes', (text) => {
  expect(() => checkJsonShape(text)).not.toThrow();
});
