import { hash } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { base64url, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { issuerDefaults } from '../../src/identity/issuer-config.ts';
import type { OidcIssuers } from '../../src/identity/oidc.ts';
import { oidcIssuers } from '../../src/identity/oidc.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';
import { sealer } from '../../src/platform/sealer.ts';
import { failsWith } from './fails-with.ts';
import type { Answer, HostileProvider } from './hostile-provider.ts';
import { discoveryOf, endless, json, redirect, startHostileProvider } from './hostile-provider.ts';
import { memorySecrets } from './memory-secrets.ts';
import { turnedClock } from './turned-clock.ts';

const redirectUri = 'https://broker.example.com/sign-in/callback';
const sha256 = 'A'.repeat(43);
const cli = {
  redirect_uri: 'http://127.0.0.1:40000/callback',
  code_challenge: sha256,
  state: 'cli',
  dpop_jkt: sha256,
};
const accessToken = 'provider-access-token';
const discoveryPath = '/.well-known/openid-configuration';

let provider: HostileProvider;
let other: HostileProvider;
let clock: ReturnType<typeof turnedClock>;
let secrets: ReturnType<typeof memorySecrets>;
let issuers: OidcIssuers;
/** Where the provider sent the browser last. */
let lastAnswer: string;

beforeAll(async () => {
  provider = await startHostileProvider();
  other = await startHostileProvider();
});
afterAll(async () => {
  await provider.stop();
  await other.stop();
});

const config = (change: object = {}) => ({
  ...issuerDefaults,
  name: 'hostile',
  issuer: provider.issuer,
  client_id: 'countersign',
  client_secret: 'client-secret-text',
  allow_http_loopback: true,
  ...change,
});

function configure(change: object = {}): void {
  const parts = {
    secrets,
    sealer: sealer([{ id: 'k', key: new Uint8Array(32) }]),
    clock,
    random: nodeRandom(),
  };
  issuers = oidcIssuers([config(change)], parts);
}

beforeEach(() => {
  provider.reset();
  other.reset();
  clock = turnedClock(Date.now());
  secrets = memorySecrets();
  configure();
});

interface Forgery {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly sign?: (claims: JWTPayload, header: { alg: string; kid?: string }) => Promise<string>;
}

/**
 * Signs in with an ID token that is good but for what is forged, and a token answer that is good but for
 * `answer`.
 */
async function signIn(forgery: Forgery = {}, answer: Record<string, unknown> = {}, tokenEndpoint?: Answer) {
  const { url, secrets: rows } = await issuers.beginSignIn({ issuer: 'hostile', redirectUri, cli });
  await secrets.put(rows);
  const asked = new URL(url).searchParams;
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const claims = {
    iss: provider.issuer,
    aud: 'countersign',
    sub: 'ada',
    iat: nowSeconds,
    exp: nowSeconds + 300,
    nonce: asked.get('nonce'),
    ...forgery.claims,
  };
  const header = { alg: 'RS256', kid: 'k1', ...forgery.header };
  const sign =
    forgery.sign ?? ((body, head) => new SignJWT(body).setProtectedHeader(head).sign(provider.privateKey));
  const idToken = await sign(JSON.parse(JSON.stringify(claims)), header);
  const good = { access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token: idToken };
  provider.answers.set('/token', tokenEndpoint ?? json({ ...good, ...answer }));
  lastAnswer = `${redirectUri}?code=c&state=${asked.get('state')}`;
  return issuers.finishSignIn({ currentUrl: lastAnswer });
}

test('the provider signs somebody in as long as it behaves', async () => {
  const { facts } = await signIn({
    claims: { auth_time: 1_700_000_000, acr: 'mfa', amr: ['pwd', 7, 'otp'] },
  });
  expect(facts).toMatchObject({
    subject: 'ada',
    groups: ['eng-payments'],
    authTimeMs: 1_700_000_000_000,
    acr: 'mfa',
    amr: ['pwd', 'otp'],
  });
});

test('an answer counts once even at a provider that takes its codes twice', async () => {
  await signIn();
  const asked = provider.asked.length;
  await failsWith('not-signed-in', () => issuers.finishSignIn({ currentUrl: lastAnswer }));
  expect(provider.asked).toHaveLength(asked);
});

test.each<[string, Record<string, unknown>]>([
  ['of another issuer', { iss: 'https://evil.example.com' }],
  ['without issuer', { iss: undefined }],
  ['for another client', { aud: 'somebody-else' }],
  ['for us and another client, issued to neither', { aud: ['countersign', 'somebody-else'] }],
  [
    'for us and another client, issued to the other',
    { aud: ['countersign', 'somebody-else'], azp: 'somebody-else' },
  ],
  ['issued to another client', { azp: 'somebody-else' }],
  ['without audience', { aud: undefined }],
  ['that has expired', { exp: 1_700_000_000 }],
  ['that never expires', { exp: undefined }],
  ['whose end is text', { exp: '9999999999' }],
  ['that does not count yet', { nbf: 4_000_000_000 }],
  ['from the future', { iat: 4_000_000_000, exp: 4_000_000_300 }],
  ['without a time', { iat: undefined }],
  ['with another nonce', { nonce: 'x'.repeat(43) }],
  ['without nonce', { nonce: undefined }],
  ['about nobody', { sub: undefined }],
  ['about an empty name', { sub: '' }],
  ['about a name with a line feed', { sub: 'ada\nx' }],
  ['about a name of 501 characters', { sub: 'a'.repeat(501) }],
  [
    'that came with another access token',
    { at_hash: hash('sha256', 'another', 'buffer').subarray(0, 16).toString('base64url') },
  ],
  ['whose at_hash is no text', { at_hash: 7 }],
  ['with groups as one text', { groups: 'eng-payments' }],
  ['with groups as an object', { groups: { 0: 'eng-payments' } }],
  ['with a group that is a number', { groups: ['a', 7] }],
  ['with a group that is a list', { groups: [['eng-payments']] }],
  ['with an empty group', { groups: [''] }],
  ['with a group of 201 characters', { groups: ['g'.repeat(201)] }],
  ['with 201 groups', { groups: Array.from({ length: 201 }, (_, at) => `g${at}`) }],
])('an ID token %s is refused', async (_, claims) => {
  await failsWith('not-signed-in', () => signIn({ claims }));
});

test('an ID token with the right at_hash, azp and two hundred groups is accepted', async () => {
  const groups = Array.from({ length: 200 }, (_, at) => `g${at}`);
  const at_hash = hash('sha256', accessToken, 'buffer').subarray(0, 16).toString('base64url');
  const { facts } = await signIn({
    claims: { at_hash, azp: 'countersign', groups: [...groups.slice(1), 'g0', 'g0'].slice(0, 200) },
  });
  expect(facts.groups).toHaveLength(200);
});

test.each<[string, Forgery]>([
  ['alg none', { sign: async (claims) => `${part({ alg: 'none' })}.${part(claims)}.` }],
  ['HS256 keyed with the public key', hmac(() => provider.publicPem)],
  ['HS256 keyed with the public key as JWK', hmac(() => JSON.stringify(provider.jwk))],
  ['HS256 keyed with the client secret', hmac(() => 'client-secret-text')],
  [
    'the key of another issuer',
    { sign: (claims, header) => new SignJWT(claims).setProtectedHeader(header).sign(other.privateKey) },
  ],
  ['a key shown in its own header', selfSigned()],
  ['RS512, which is not on the list', { sign: (claims) => sign512(claims) }],
  ['a key id that nobody knows', { header: { kid: 'k2' } }],
  ['the type of a grant', { header: { typ: 'grant+jwt' } }],
  ['the type of an access token', { header: { typ: 'at+jwt' } }],
  ['the type of a logout token', { header: { typ: 'logout+jwt' } }],
  [
    'a critical extension',
    {
      sign: async (claims) => `${part({ alg: 'RS256', kid: 'k1', crit: ['x'], x: 1 })}.${part(claims)}.AAAA`,
    },
  ],
  [
    'a cut signature',
    {
      sign: async (claims, header) =>
        (await new SignJWT(claims).setProtectedHeader(header).sign(provider.privateKey)).slice(0, -8),
    },
  ],
])('an ID token with %s is refused', async (_, forgery) => {
  await failsWith('not-signed-in', () => signIn(forgery));
});

const part = (value: unknown): string => base64url.encode(JSON.stringify(value));

function hmac(secret: () => string): Forgery {
  return {
    sign: (claims) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
        .sign(new TextEncoder().encode(secret())),
  };
}

function selfSigned(): Forgery {
  return {
    async sign(claims) {
      const { privateKey } = await generateKeyPair('RS256');
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: 'k1', jwk: other.jwk })
        .sign(privateKey);
    },
  };
}

async function sign512(claims: JWTPayload): Promise<string> {
  const key = await crypto.subtle.exportKey('pkcs8', provider.privateKey);
  const strong = await crypto.subtle.importKey(
    'pkcs8',
    key,
    { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-512' },
    false,
    ['sign'],
  );
  return new SignJWT(claims).setProtectedHeader({ alg: 'RS512', kid: 'k1' }).sign(strong);
}

test.each<[string, Record<string, unknown>]>([
  ['no ID token', { id_token: undefined }],
  ['an ID token that is none', { id_token: 'x' }],
  ['no access token', { access_token: undefined }],
  ['a token type that is none', { token_type: 'mystery' }],
])('a token answer with %s is refused', async (_, answer) => {
  await failsWith('not-signed-in', () => signIn({}, answer));
});

test.each<[string, (to: string) => object]>([
  ['names another issuer', () => discoveryOf('https://evil.example.com')],
  [
    'names the issuer with a slash more',
    () => ({ ...discoveryOf(provider.issuer), issuer: `${provider.issuer}/` }),
  ],
  [
    'keeps its keys at another loopback port',
    (to) => ({ ...discoveryOf(provider.issuer), jwks_uri: `${to}/jwks` }),
  ],
  [
    'keeps userinfo at another loopback port',
    (to) => ({ ...discoveryOf(provider.issuer), userinfo_endpoint: `${to}/userinfo` }),
  ],
  [
    'trades codes at another loopback port',
    (to) => ({ ...discoveryOf(provider.issuer), token_endpoint: `${to}/token` }),
  ],
  [
    'sends people to plain HTTP',
    () => ({ ...discoveryOf(provider.issuer), authorization_endpoint: 'http://evil.example.com/' }),
  ],
  [
    'sends people to a script',
    () => ({ ...discoveryOf(provider.issuer), authorization_endpoint: 'javascript:alert(1)' }),
  ],
  [
    'keeps its keys at the metadata address of clouds',
    () => ({ ...discoveryOf(provider.issuer), jwks_uri: 'https://169.254.169.254/jwks' }),
  ],
  [
    'keeps its keys at a private address',
    () => ({ ...discoveryOf(provider.issuer), jwks_uri: 'https://10.0.0.1/jwks' }),
  ],
  [
    'keeps its keys at an IPv6 loopback',
    () => ({ ...discoveryOf(provider.issuer), jwks_uri: 'https://[::1]/jwks' }),
  ],
  [
    'keeps its keys at localhost',
    () => ({ ...discoveryOf(provider.issuer), jwks_uri: 'https://localhost/jwks' }),
  ],
  ['keeps its keys in a file', () => ({ ...discoveryOf(provider.issuer), jwks_uri: 'file:///etc/passwd' })],
  [
    'keeps its keys in the address',
    () => ({ ...discoveryOf(provider.issuer), jwks_uri: 'data:application/json,{}' }),
  ],
  [
    'has a name in an address',
    () => ({ ...discoveryOf(provider.issuer), jwks_uri: provider.issuer.replace('//', '//a:b@') }),
  ],
  [
    'signs with shared secrets only',
    () => ({ ...discoveryOf(provider.issuer), id_token_signing_alg_values_supported: ['HS256', 'none'] }),
  ],
  ['has no keys', () => ({ ...discoveryOf(provider.issuer), jwks_uri: undefined })],
  ['is a list', () => []],
])('a discovery document that %s is refused', async (_, document) => {
  provider.answers.set(discoveryPath, json(document(other.issuer)));
  await failsWith('identity-provider-unavailable', () => signIn());
  expect(other.asked).toEqual([]);
});

test('a refused discovery document is asked for again, and a good one is then used', async () => {
  provider.answers.set(discoveryPath, json({}));
  await failsWith('identity-provider-unavailable', () => signIn());
  provider.answers.set(discoveryPath, json(discoveryOf(provider.issuer)));
  await signIn();
});

test.each([discoveryPath, '/jwks', '/token', '/userinfo'])(
  'a redirect at %s is not followed',
  async (path) => {
    other.answers.set(
      path,
      json({
        keys: [provider.jwk],
        sub: 'ada',
        groups: ['platform-admins'],
        ...discoveryOf(provider.issuer),
      }),
    );
    const away = redirect(`${other.issuer}${path}`, 307);
    provider.answers.set(path, away);
    await failsWith('identity-provider-unavailable', () =>
      signIn({}, {}, path === '/token' ? away : undefined),
    );
    expect(provider.asked).toContain(path);
    expect(other.asked).toEqual([]);
  },
);

test.each([discoveryPath, '/jwks', '/userinfo'])('ten megabytes at %s are cut off', async (path) => {
  provider.answers.set(path, endless);
  await failsWith('identity-provider-unavailable', () => signIn());
});

test.each<[string, Parameters<typeof json>]>([
  ['of an error', [{ error: 'down' }, 503]],
  ['of no JSON object', ['text']],
  ['without a subject', [{ groups: ['eng-payments'] }]],
])('user information %s is not believed', async (_, answer) => {
  provider.answers.set('/userinfo', json(...answer));
  await failsWith('identity-provider-unavailable', () => signIn());
});

test('user information about somebody else is refused, at sign-in and later', async () => {
  const who = {
    signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZZ',
    person: 'p-aaaaaaaaaaaaaaaaaaaaaaaaaa',
    expiresAtMs: clock.nowMs() + 1e9,
  } as const;
  await secrets.put((await signIn()).keep(who));
  provider.answers.set('/userinfo', json({ sub: 'grace', groups: ['platform-admins'] }));
  clock.advance(60_000);
  await failsWith('not-signed-in', () => issuers.refreshClaims(who));
  await failsWith('not-signed-in', () => signIn());
});

test('a renewed ID token of somebody else, or with another nonce, is refused', async () => {
  const who = {
    signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZZ',
    person: 'p-aaaaaaaaaaaaaaaaaaaaaaaaaa',
    expiresAtMs: clock.nowMs() + 1e9,
  } as const;
  await secrets.put((await signIn({ claims: { groups: ['a'] } }, { refresh_token: 'r1' })).keep(who));
  clock.advance(60_000);
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const good = {
    iss: provider.issuer,
    aud: 'countersign',
    sub: 'ada',
    iat: nowSeconds,
    exp: nowSeconds + 300,
    groups: ['b'],
  };
  async function renewWith(claims: object): Promise<void> {
    const idToken = await new SignJWT({ ...good, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .sign(provider.privateKey);
    provider.answers.set(
      '/token',
      json({ access_token: accessToken, token_type: 'Bearer', expires_in: 300, id_token: idToken }),
    );
  }
  await renewWith({ sub: 'grace' });
  await failsWith('not-signed-in', () => issuers.refreshClaims(who));
  await renewWith({ nonce: 'x'.repeat(43) });
  await failsWith('not-signed-in', () => issuers.refreshClaims(who));
  await renewWith({});
  expect((await issuers.refreshClaims(who)).groups).toEqual(['b']);
});

test('what a provider takes back after it has renewed the tokens is taken back, whatever comes after it', async () => {
  const who = {
    signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZZ',
    person: 'p-aaaaaaaaaaaaaaaaaaaaaaaaaa',
    expiresAtMs: clock.nowMs() + 1e9,
  } as const;
  await secrets.put((await signIn({}, { refresh_token: 'r1' })).keep(who));
  expect((await issuers.lastClaims(who))?.groups).toEqual(['eng-payments']);
  clock.advance(301_000);
  provider.answers.set('/token', json({ access_token: accessToken, token_type: 'Bearer', expires_in: 300 }));
  provider.answers.set('/userinfo', json({ sub: 'grace', groups: [] }));
  await failsWith('not-signed-in', () => issuers.refreshClaims(who));
  expect(await issuers.lastClaims(who)).toBeUndefined();
  provider.answers.set('/userinfo', json({ error: 'down' }, 503));
  await failsWith('identity-provider-unavailable', () => issuers.refreshClaims(who));
  expect(await issuers.lastClaims(who)).toBeUndefined();
});

test('a provider that refuses us is unavailable, one that refuses the person has not signed them in', async () => {
  const who = {
    signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZZ',
    person: 'p-aaaaaaaaaaaaaaaaaaaaaaaaaa',
    expiresAtMs: clock.nowMs() + 1e9,
  } as const;
  await secrets.put((await signIn({}, { refresh_token: 'r1' })).keep(who));
  clock.advance(301_000);
  provider.answers.set('/token', json({ error: 'invalid_client' }, 401));
  await failsWith('identity-provider-unavailable', () => issuers.refreshClaims(who));
  provider.answers.set('/token', json({ error: 'server_error' }, 500));
  await failsWith('identity-provider-unavailable', () => issuers.refreshClaims(who));
  provider.answers.set('/token', json({ error: 'invalid_grant' }, 400));
  await failsWith('not-signed-in', () => issuers.refreshClaims(who));
});

test('several claims that name a person are joined, and cannot be shifted into each other', async () => {
  configure({ identity_claim: ['tid', 'oid'] });
  expect((await signIn({ claims: { tid: 't1', oid: 'o1' } })).facts.subject).toBe('t1/o1');
  await failsWith('not-signed-in', () => signIn({ claims: { tid: 't1/o1', oid: 'x' } }));
  await failsWith('not-signed-in', () => signIn({ claims: { tid: 't1' } }));
  await failsWith('not-signed-in', () => signIn({ claims: { tid: 't1', oid: ['o1'] } }));
});

test('a loopback provider is not believed unless the operator allowed it', async () => {
  configure({ allow_http_loopback: false });
  await failsWith('identity-provider-unavailable', () => signIn());
  expect(provider.asked).toEqual([]);
});

test('a display name loses its control characters and its excess', async () => {
  const { facts } = await signIn({ claims: { name: `\u001b[31mAda\u202e\n${'x'.repeat(500)}`, groups: [] } });
  expect(facts.displayName).toBe(`[31mAda${'x'.repeat(193)}`);
  expect((await signIn({ claims: { name: 7, groups: [] } })).facts.displayName).toBeNull();
});

test('no failure shows a token, a code or the client secret', async () => {
  const failures = [
    await failsWith('not-signed-in', () => signIn({ claims: { nonce: 'wrong' } })),
    await failsWith('not-signed-in', () => signIn({}, { id_token: undefined })),
    await failsWith('not-signed-in', () => signIn({ header: { kid: 'k2' } })),
  ];
  for (const failure of failures) {
    const causes = [];
    for (let at: unknown = failure; at instanceof Error; at = at.cause)
      causes.push(`${at.stack} ${JSON.stringify(at)}`);
    for (const secret of [accessToken, 'client-secret-text', 'eyJ'])
      expect(causes.join('\n')).not.toContain(secret);
  }
});
