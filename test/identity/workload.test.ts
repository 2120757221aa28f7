import { base64url, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import type { WorkloadFacts, WorkloadIssuerConfig } from '../../src/identity/workload.ts';
import { workloadIssuers } from '../../src/identity/workload.ts';
import { failsWith } from './fails-with.ts';
import type { HostileProvider } from './hostile-provider.ts';
import { discoveryOf, json, redirect, startHostileProvider } from './hostile-provider.ts';

const audience = 'https://broker.example.com';
const subject = 'repo:acme/payments:environment:production';
const nowMs = 1_800_000_000_000;
const nowSeconds = nowMs / 1000;

let pipelines: HostileProvider;
let cluster: HostileProvider;
let authenticate: (jwt: string, nowMs: number) => Promise<WorkloadFacts>;

beforeAll(async () => {
  pipelines = await startHostileProvider();
  cluster = await startHostileProvider();
});
afterAll(async () => {
  await pipelines.stop();
  await cluster.stop();
});

const configOf = (name: string, issuer: string): WorkloadIssuerConfig => ({
  name,
  issuer,
  audience,
  algorithms: ['RS256'],
  allow_http_loopback: true,
});

beforeEach(() => {
  pipelines.reset();
  cluster.reset();
  authenticate = workloadIssuers([
    configOf('pipelines', pipelines.issuer),
    { ...configOf('cluster', cluster.issuer), jwks_uri: `${cluster.issuer}/jwks` },
  ]);
});

function tokenOf(claims: object = {}, header: object = {}, by = pipelines): Promise<string> {
  const good = {
    iss: pipelines.issuer,
    aud: audience,
    sub: subject,
    iat: nowSeconds,
    exp: nowSeconds + 300,
    jti: 'j1',
  };
  return new SignJWT(JSON.parse(JSON.stringify({ ...good, ...claims })))
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...header })
    .sign(by.privateKey);
}

test('a good token says who the workload is', async () => {
  expect(await authenticate(await tokenOf(), nowMs)).toEqual({
    issuer: 'pipelines',
    issuerUrl: pipelines.issuer,
    subject,
    issuedAt: nowSeconds,
    expiresAt: nowSeconds + 300,
    jti: 'j1',
    keyId: 'k1',
  });
});

test('an issuer with its keys named in the configuration needs no discovery', async () => {
  const facts = await authenticate(
    await tokenOf({ iss: cluster.issuer, jti: undefined }, {}, cluster),
    nowMs,
  );
  expect(facts).toMatchObject({ issuer: 'cluster', jti: null });
  expect(cluster.asked).toEqual(['/jwks']);
});

test.each<[string, object]>([
  ['for another audience', { aud: 'https://cloud.example.com' }],
  ['for our audience and another', { aud: [audience, 'https://cloud.example.com'] }],
  ['for an audience that begins like ours', { aud: `${audience}/` }],
  ['without audience', { aud: undefined }],
  ['of an issuer we do not know', { iss: 'https://evil.example.com' }],
  ['without issuer', { iss: undefined }],
  ['that has expired', { iat: nowSeconds - 400, exp: nowSeconds - 100 }],
  ['that never expires', { exp: undefined }],
  ['that lives longer than an hour', { exp: nowSeconds + 3_601 }],
  ['that ends before it begins', { iat: nowSeconds + 20, exp: nowSeconds + 10 }],
  ['without a time', { iat: undefined }],
  ['from the future', { iat: nowSeconds + 60, exp: nowSeconds + 120 }],
  ['that does not count yet', { nbf: nowSeconds + 60 }],
  ['about nobody', { sub: undefined }],
  ['about an empty name', { sub: '' }],
  ['about a name with a line feed', { sub: 'a\nb' }],
  ['bound to a key', { cnf: { jkt: 'x' } }],
])('a token %s is refused', async (_, claims) => {
  await failsWith('not-signed-in', async () => authenticate(await tokenOf(claims), nowMs));
});

test.each<[string, object]>([
  ['a grant', { typ: 'grant+jwt' }],
  ['an access token', { typ: 'at+jwt' }],
  ['a DPoP proof', { typ: 'dpop+jwt' }],
  ['a key nobody knows', { kid: 'k9' }],
])('a token that is %s by its header is refused', async (_, header) => {
  await failsWith('not-signed-in', async () => authenticate(await tokenOf({}, header), nowMs));
});

test('keys of one issuer are never used for another', async () => {
  await failsWith('not-signed-in', async () => authenticate(await tokenOf({ iss: cluster.issuer }), nowMs));
  await failsWith('not-signed-in', async () => authenticate(await tokenOf({}, {}, cluster), nowMs));
});

test('alg none, and HS256 keyed with the public key, are refused', async () => {
  const [, body = ''] = (await tokenOf()).split('.');
  const none = base64url.encode(JSON.stringify({ alg: 'none' }));
  await failsWith('not-signed-in', () => authenticate(`${none}.${body}.`, nowMs));
  const hmac = new SignJWT({
    iss: pipelines.issuer,
    aud: audience,
    sub: subject,
    iat: nowSeconds,
    exp: nowSeconds + 300,
  })
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .sign(new TextEncoder().encode(pipelines.publicPem));
  await failsWith('not-signed-in', async () => authenticate(await hmac, nowMs));
});

test.each(['', 'x', 'a.b.c', `${'a'.repeat(20_000)}.b.c`, 'ca_AAAA'])('%.20s is no token', async (jwt) => {
  await failsWith('not-signed-in', () => authenticate(jwt, nowMs));
});

test('a key that the issuer has rotated in is fetched', async () => {
  await authenticate(await tokenOf(), nowMs);
  const next = await generateKeyPair('RS256', { extractable: true });
  const jwk = { ...(await exportJWK(next.publicKey)), kid: 'k2', alg: 'RS256', use: 'sig' };
  pipelines.answers.set('/jwks', json({ keys: [pipelines.jwk, jwk] }));
  const token = await tokenOf({}, { kid: 'k2' }, { ...pipelines, privateKey: next.privateKey });
  await failsWith('not-signed-in', () => authenticate(token, nowMs));
  expect(
    pipelines.asked.filter((path) => path === '/jwks'),
    'a made-up key id makes no call within the cool-down',
  ).toHaveLength(1);
  // The key cache goes by the machine's clock, which no port of ours turns.
  vi.useFakeTimers({ toFake: ['Date'] }).setSystemTime(Date.now() + 31_000);
  onTestFinished(() => void vi.useRealTimers());
  expect((await authenticate(token, nowMs)).keyId).toBe('k2');
});

test.each<[string, () => void]>([
  ['are an error', () => pipelines.answers.set('/jwks', json({}, 500))],
  ['are no key set', () => pipelines.answers.set('/jwks', json({ keys: 'none' }))],
  ['are no JSON', () => pipelines.answers.set('/jwks', (response) => response.writeHead(200).end('<html>'))],
  ['lie behind a redirect', () => pipelines.answers.set('/jwks', redirect(`${cluster.issuer}/jwks`))],
  ['hang up', () => pipelines.answers.set('/jwks', (response) => response.destroy())],
  [
    'lie at another loopback port',
    () =>
      pipelines.answers.set(
        '/.well-known/openid-configuration',
        json({ ...discoveryOf(pipelines.issuer), jwks_uri: `${cluster.issuer}/jwks` }),
      ),
  ],
  [
    'belong to another issuer',
    () => pipelines.answers.set('/.well-known/openid-configuration', json(discoveryOf(cluster.issuer))),
  ],
])('when the keys %s, nobody gets in, and it is said that the provider is at fault', async (_, breakIt) => {
  breakIt();
  await failsWith('identity-provider-unavailable', async () => authenticate(await tokenOf(), nowMs));
  expect(cluster.asked).toEqual([]);
  pipelines.reset();
  await authenticate(await tokenOf(), nowMs);
});

test.each<[string, Partial<WorkloadIssuerConfig>]>([
  ['HS256', { algorithms: ['RS256', 'HS256'] }],
  ['none', { algorithms: ['none'] }],
  ['no algorithm', { algorithms: [] }],
  ['no audience', { audience: '' }],
  ['an issuer that is no URL', { issuer: 'github' }],
])('a configuration with %s is refused', (_, change) => {
  expect(() => workloadIssuers([{ ...configOf('x', 'https://x.example.com'), ...change }])).toThrow(
    RangeError,
  );
});

test('two issuers of one address are refused', () => {
  const one = configOf('a', 'https://x.example.com');
  expect(() => workloadIssuers([one, { ...one, name: 'b', audience: 'other' }])).toThrow(RangeError);
});
