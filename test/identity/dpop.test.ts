import { createPrivateKey, sign } from 'node:crypto';
import { base64url, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, expect, test } from 'vitest';
import type { DpopCall } from '../../src/identity/dpop.ts';
import { dpopVerifier } from '../../src/identity/dpop.ts';
import type { DpopKey } from '../../src/identity/dpop-proof.ts';
import { accessTokenHash, createDpopKey, dpopProof, loadDpopKey } from '../../src/identity/dpop-proof.ts';
import { replayMemory } from '../../src/identity/replay-memory.ts';
import { failsWith } from './fails-with.ts';

const nowMs = 1_800_000_000_000;
const url = 'https://broker.example.com/api/requests';
const verify = dpopVerifier();
let key: DpopKey;

beforeAll(async () => {
  key = await createDpopKey();
});

const call = (proof: string, more: Partial<DpopCall> = {}): DpopCall => ({
  proof,
  method: 'POST',
  url,
  nowMs,
  ...more,
});

/**
 * A proof signed by the right key, with anything in it changed; what is undefined is left out. Signed
 * without a library, which would refuse to.
 */
function forge(claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}): string {
  const head = JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk, ...header });
  const body = JSON.stringify({ htm: 'POST', htu: url, iat: nowMs / 1000, jti: 'j', ...claims });
  const signed = `${base64url.encode(head)}.${base64url.encode(body)}`;
  const privateKey = createPrivateKey({ key: { ...key.privateJwk }, format: 'jwk' });
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${base64url.encode(signature)}`;
}

test('a forged proof with nothing changed is accepted, so that what follows is refused for what it says', async () => {
  expect((await verify(call(forge()))).jti).toBe('j');
});

test('a proof made by the client is accepted, and names the key and the proof', async () => {
  const proof = await dpopProof({ ...key, method: 'POST', url: `${url}?a=1#b`, accessToken: 'ca_x', nowMs });
  const verified = await verify(call(proof, { accessToken: 'ca_x' }));
  expect(verified.thumbprint).toBe(key.thumbprint);
  expect(verified.jti).not.toBe('');
  expect(verified.expiresAtMs).toBe(nowMs + 60_001);
});

test('a key kept on disk signs like before', async () => {
  const again = await loadDpopKey(JSON.parse(JSON.stringify(key.privateJwk)));
  const proof = await dpopProof({ ...again, method: 'POST', url, nowMs });
  expect((await verify(call(proof))).thumbprint).toBe(key.thumbprint);
});

test('an Ed25519 key is accepted as well', async () => {
  const pair = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = await exportJWK(pair.publicKey);
  const proof = await new SignJWT({ htm: 'POST', htu: url, iat: nowMs / 1000, jti: 'j' })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'EdDSA', jwk })
    .sign(pair.privateKey);
  expect((await verify(call(proof))).thumbprint).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

test.each<[string, Record<string, unknown>, Partial<DpopCall>]>([
  ['for another method', { htm: 'GET' }, {}],
  ['for the method in lower case', { htm: 'post' }, {}],
  ['without a method', { htm: undefined }, {}],
  ['for another host', { htu: 'https://evil.example.com/api/requests' }, {}],
  ['for another path', { htu: 'https://broker.example.com/api/grants' }, {}],
  ['for the path with a slash more', { htu: `${url}/` }, {}],
  ['for another scheme', { htu: url.replace('https', 'http') }, {}],
  ['for another port', { htu: url.replace('.com', '.com:8443') }, {}],
  ['with a name in its address', { htu: url.replace('//', '//a:b@') }, {}],
  ['with an address that is none', { htu: '/api/requests' }, {}],
  ['without an address', { htu: undefined }, {}],
  ['made 61 s ago', { iat: nowMs / 1000 - 61 }, {}],
  ['made 61 s from now', { iat: nowMs / 1000 + 61 }, {}],
  ['without a time', { iat: undefined }, {}],
  ['without jti', { jti: undefined }, {}],
  ['with an empty jti', { jti: '' }, {}],
  ['with a jti of 129 characters', { jti: 'j'.repeat(129) }, {}],
  ['without ath where a token goes with it', {}, { accessToken: 'ca_x' }],
  ['with the ath of another token', { ath: accessTokenHash('ca_y') }, { accessToken: 'ca_x' }],
  ['longer than 4,096 characters', { more: 'x'.repeat(5000) }, {}],
])('a proof %s is refused', async (_, claims, more) => {
  await failsWith('not-signed-in', () => verify(call(forge(claims), more)));
});

test.each([
  ['59 s ago', -59],
  ['59 s from now', 59],
])('a proof made %s is borne', async (_, seconds) => {
  await verify(call(forge({ iat: nowMs / 1000 + seconds })));
});

test.each<[string, () => Record<string, unknown>]>([
  ['of another type', () => ({ typ: 'JWT' })],
  ['without a type', () => ({ typ: undefined })],
  ['without a key', () => ({ jwk: undefined })],
  ['that shows its private key', () => ({ jwk: key.privateJwk })],
  ['that names a symmetric key', () => ({ jwk: { kty: 'oct', k: 'AAAA' } })],
  ['that names an RSA key', () => ({ jwk: { kty: 'RSA', n: 'AQAB', e: 'AQAB' } })],
  ['with a key that is text', () => ({ jwk: 'x' })],
  ['with a critical extension nobody here knows', () => ({ crit: ['x'], x: 1 })],
])('a proof %s is refused', async (_, header) => {
  await failsWith('not-signed-in', () => verify(call(forge({}, header()))));
});

test('alg none, and HS256 keyed with the public key, are refused', async () => {
  const [, body = ''] = forge().split('.');
  const none = base64url.encode(JSON.stringify({ typ: 'dpop+jwt', alg: 'none', jwk: key.publicJwk }));
  await failsWith('not-signed-in', () => verify(call(`${none}.${body}.`)));
  const hmac = await new SignJWT({ htm: 'POST', htu: url, iat: nowMs / 1000, jti: 'j' })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: key.publicJwk })
    .sign(new TextEncoder().encode(JSON.stringify(key.publicJwk)));
  await failsWith('not-signed-in', () => verify(call(hmac)));
});

test('a proof signed by another key than the one it shows is refused', async () => {
  const other = await createDpopKey();
  const proof = forge({}, { jwk: other.publicJwk });
  await failsWith('not-signed-in', () => verify(call(proof)));
});

test.each(['', 'x', 'a.b.c', '...', '{}'])('%j is no proof', async (proof) => {
  await failsWith('not-signed-in', () => verify(call(proof)));
});

const proofOf = (jti: string, thumbprint = 'k', expiresAtMs = nowMs + 60_000) => ({
  jti,
  thumbprint,
  expiresAtMs,
});

test('a proof counts once, for as long as it would be believed', async () => {
  const memory = replayMemory();
  memory.spend(proofOf('a'), nowMs);
  memory.spend(proofOf('a', 'another key'), nowMs);
  await failsWith('not-signed-in', () => memory.spend(proofOf('a'), nowMs));
  await failsWith('not-signed-in', () => memory.spend(proofOf('a'), nowMs + 59_999));
});

test('when the memory is full, new proofs are refused, and a used one is still known', async () => {
  const memory = replayMemory({ most: 2, mostPerKey: 2 });
  memory.spend(proofOf('a', 'k1'), nowMs);
  memory.spend(proofOf('b', 'k2'), nowMs);
  await failsWith('too-many-requests', () => memory.spend(proofOf('c', 'k3'), nowMs));
  await failsWith('not-signed-in', () => memory.spend(proofOf('a', 'k1'), nowMs));
  memory.spend(proofOf('c', 'k3', nowMs + 120_000), nowMs + 60_000);
});

test('one key that uses up its share locks out nobody else', async () => {
  const memory = replayMemory({ most: 10, mostPerKey: 2 });
  memory.spend(proofOf('a', 'greedy'), nowMs);
  memory.spend(proofOf('b', 'greedy'), nowMs);
  await failsWith('too-many-requests', () => memory.spend(proofOf('c', 'greedy'), nowMs));
  memory.spend(proofOf('c', 'modest'), nowMs);
  memory.spend(proofOf('d', 'greedy', nowMs + 120_000), nowMs + 60_000);
});

test('a clock that steps back makes nothing forgotten', async () => {
  const memory = replayMemory();
  memory.spend(proofOf('a'), nowMs);
  memory.spend(proofOf('b'), nowMs - 3_600_000);
  await failsWith('not-signed-in', () => memory.spend(proofOf('a'), nowMs));
});
