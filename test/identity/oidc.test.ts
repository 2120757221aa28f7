import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { DemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { signInAs } from '../../src/demo/sign-in-as.ts';
import type { IssuerConfig } from '../../src/identity/issuer-config.ts';
import { issuerDefaults } from '../../src/identity/issuer-config.ts';
import type { FinishedSignIn, OidcIssuers } from '../../src/identity/oidc.ts';
import { oidcIssuers } from '../../src/identity/oidc.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';
import { sealer } from '../../src/platform/sealer.ts';
import { failsWith } from './fails-with.ts';
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
const person = 'p-aaaaaaaaaaaaaaaaaaaaaaaaaa';
const ada = { username: 'ada', name: 'Ada Lovelace', groups: ['eng-payments'], email: 'ada@example.com' };
const grace = { username: 'grace', name: 'Grace Hopper', groups: [], email: 'grace@example.com' };

let demo: DemoIdentityProvider;
let telling: DemoIdentityProvider;
let clock: ReturnType<typeof turnedClock>;
let secrets: ReturnType<typeof memorySecrets>;
let issuers: OidcIssuers;

const clients = [
  { client_id: 'countersign', client_secret: 'a secret of the demo', redirect_uris: [redirectUri] },
  { client_id: 'public', redirect_uris: [redirectUri] },
];

beforeAll(async () => {
  demo = await startDemoIdentityProvider({ port: 0, people: [ada, grace], clients });
  telling = await startDemoIdentityProvider({
    port: 0,
    people: [ada, grace],
    clients,
    claimsInIdToken: true,
  });
});
afterAll(async () => {
  await demo.stop();
  await telling.stop();
});

const configs = (): IssuerConfig[] => {
  const base = {
    ...issuerDefaults,
    allow_http_loopback: true,
    client_id: 'countersign',
    client_secret: 'a secret of the demo',
  };
  const { client_secret: _, ...open } = base;
  return [
    { ...base, name: 'demo', issuer: demo.issuer },
    { ...base, name: 'telling', issuer: telling.issuer },
    { ...open, name: 'public', issuer: demo.issuer, client_id: 'public' },
  ];
};

const broker = (): OidcIssuers =>
  oidcIssuers(configs(), {
    secrets,
    sealer: sealer([{ id: 'k', key: new Uint8Array(32).fill(1) }]),
    clock,
    random: nodeRandom(),
  });

beforeEach(() => {
  clock = turnedClock(Date.now());
  secrets = memorySecrets();
  issuers = broker();
  demo.setGroups('ada', ['eng-payments']);
  telling.setGroups('ada', ['eng-payments']);
});

async function begin(issuer = 'demo'): Promise<string> {
  const { url, secrets: rows } = await issuers.beginSignIn({ issuer, redirectUri, cli });
  await secrets.put(rows);
  return url;
}

const signIn = async (issuer = 'demo', username = 'ada'): Promise<FinishedSignIn> =>
  issuers.finishSignIn({ currentUrl: await signInAs(await begin(issuer), username) });

const name = () =>
  ({ signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZZ', person, expiresAtMs: clock.nowMs() + 43_200_000 }) as const;

async function kept(issuer = 'demo', username = 'ada') {
  const signInName = name();
  await secrets.put((await signIn(issuer, username)).keep(signInName));
  return signInName;
}

test.each(['demo', 'telling', 'public'])(
  'a person signs in through %s, and the facts are the provider’s',
  async (issuer) => {
    const { facts, goesTo } = await signIn(issuer);
    expect(facts).toMatchObject({
      issuer,
      issuerUrl: issuer === 'telling' ? telling.issuer : demo.issuer,
      subject: 'ada',
      groups: ['eng-payments'],
      displayName: 'Ada Lovelace',
      claimsAtMs: clock.nowMs(),
    });
    expect(goesTo).toEqual({ kind: 'command-line', ...cli });
    expect(decodeJwt(facts.idToken).sub).toBe('ada');
    expect(facts.keySet.digest).toBe(
      `sha256:${createHash('sha256').update(facts.keySet.bytes).digest('hex')}`,
    );
    expect(JSON.parse(Buffer.from(facts.keySet.bytes).toString()).keys[0]).not.toHaveProperty('d');
  },
);

test('the browser is sent with PKCE, state and nonce, none of which is stored in the clear', async () => {
  const url = new URL(await begin());
  const parameters = url.searchParams;
  expect(parameters.get('code_challenge_method')).toBe('S256');
  expect(parameters.get('response_type')).toBe('code');
  const stored = JSON.stringify(
    [...secrets.rows.values()].map((row) => ({ ...row, value: Buffer.from(row.value).toString('latin1') })),
  );
  for (const parameter of ['state', 'nonce', 'code_challenge']) {
    const value = parameters.get(parameter) ?? '';
    expect(value, parameter).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(stored).not.toContain(value);
  }
});

test('an answer counts once', async () => {
  const currentUrl = await signInAs(await begin(), 'ada');
  await issuers.finishSignIn({ currentUrl });
  await failsWith('not-signed-in', () => issuers.finishSignIn({ currentUrl }));
});

test('an answer after ten minutes is too late', async () => {
  const currentUrl = await signInAs(await begin(), 'ada');
  clock.advance(600_000);
  await failsWith('not-signed-in', () => issuers.finishSignIn({ currentUrl }));
});

test('a code brought under the state of another sign-in is refused', async () => {
  const stolen = new URL(await signInAs(await begin(), 'ada'));
  const own = new URL(await signInAs(await begin(), 'grace'));
  own.searchParams.set('code', stolen.searchParams.get('code') ?? '');
  await failsWith('not-signed-in', () => issuers.finishSignIn({ currentUrl: own.href }));
});

test.each<[string, (url: URL) => void]>([
  ['without state', (url) => url.searchParams.delete('state')],
  ['with another state', (url) => url.searchParams.set('state', 'x'.repeat(43))],
  ['with two states', (url) => url.searchParams.append('state', 'x')],
  ['without code', (url) => url.searchParams.delete('code')],
  ['with another code', (url) => url.searchParams.set('code', 'x')],
  ['with two codes', (url) => url.searchParams.append('code', 'x')],
  ['that names another issuer', (url) => url.searchParams.set('iss', 'https://evil.example.com')],
  ['that leaves the issuer out though the provider always names it', (url) => url.searchParams.delete('iss')],
  ['that is an error', (url) => url.searchParams.set('error', 'access_denied')],
])('an answer %s is refused', async (_, change) => {
  const url = new URL(await signInAs(await begin(), 'ada'));
  change(url);
  await failsWith('not-signed-in', () => issuers.finishSignIn({ currentUrl: url.href }));
});

test('the host by which the browser called us counts for nothing', async () => {
  const url = new URL(await signInAs(await begin(), 'ada'));
  url.host = 'evil.example.com';
  expect((await issuers.finishSignIn({ currentUrl: url.href })).facts.subject).toBe('ada');
});

test.each([
  'https://127.0.0.1:40000/callback',
  'http://localhost:40000/callback',
  'http://127.0.0.1/callback',
  'http://127.0.0.1:40000/',
  'http://127.0.0.1:40000/callback/',
  'http://127.0.0.1:40000/callback?next=https://evil.example.com',
  'http://127.0.0.1:40000/callback#x',
  'http://127.0.0.1:40000@evil.example.com/callback',
  'http://evil.example.com:40000/callback',
  'http://127.0.0.1.evil.example.com:40000/callback',
  'http://127.1:40000/callback',
  'http://2130706433:40000/callback',
  'http://0.0.0.0:40000/callback',
  'http://[::ffff:127.0.0.1]:40000/callback',
  'http://127.0.0.1:99999/callback',
  'http://127.0.0.1:0/callback',
  'http://127.0.0.1:040000/callback',
  'HTTP://127.0.0.1:40000/callback',
  ' http://127.0.0.1:40000/callback',
  'http://127.0.0.1:40000/callback\n',
  'javascript:alert(1)',
  '//evil.example.com/callback',
  '',
])('a sign-in that would end at %j is refused', async (redirect_uri) => {
  await failsWith('malformed-input', () =>
    issuers.beginSignIn({ issuer: 'demo', redirectUri, cli: { ...cli, redirect_uri } }),
  );
});

test('the loopback address may be of IPv6', async () => {
  await issuers.beginSignIn({
    issuer: 'demo',
    redirectUri,
    cli: { ...cli, redirect_uri: 'http://[::1]:1/callback' },
  });
});

test.each<[string, object]>([
  ['an unknown field', { admin: true }],
  ['a plain challenge', { code_challenge: 'short' }],
  ['a state with a line feed', { state: 'a\r\nLocation: x' }],
  ['a state that is long', { state: 'x'.repeat(201) }],
  ['no key', { dpop_jkt: '' }],
])('a sign-in begun with %s is refused', async (_, change) => {
  const failure = await failsWith('malformed-input', () =>
    issuers.beginSignIn({ issuer: 'demo', redirectUri, cli: { ...cli, ...change } }),
  );
  expect(failure.mistakes).toHaveLength(1);
});

test('an issuer that is not configured is not found', async () => {
  await failsWith('not-found', () => issuers.beginSignIn({ issuer: 'evil', redirectUri, cli }));
});

test.each(['demo', 'telling'])('groups taken away at %s are gone at the next question', async (issuer) => {
  const who = await kept(issuer);
  (issuer === 'demo' ? demo : telling).setGroups('ada', ['other']);
  clock.advance(59_999);
  expect((await issuers.refreshClaims(who)).groups).toEqual(['eng-payments']);
  clock.advance(1);
  expect(await issuers.refreshClaims(who)).toEqual({ groups: ['other'], claimsAtMs: clock.nowMs() });
});

test('groups are asked again when the clock has stepped back', async () => {
  const who = await kept();
  demo.setGroups('ada', []);
  clock.advance(-1);
  expect((await issuers.refreshClaims(who)).groups).toEqual([]);
});

test('another broker knows what this one was told', async () => {
  const who = await kept();
  demo.setGroups('ada', ['other']);
  clock.advance(30_000);
  expect((await broker().refreshClaims(who)).groups).toEqual(['eng-payments']);
});

test('when the access token has run out, the refresh token is used, again and again', async () => {
  const who = await kept();
  for (const groups of [['one'], ['two'], ['three']]) {
    demo.setGroups('ada', groups);
    clock.advance(301_000);
    expect((await issuers.refreshClaims(who)).groups).toEqual(groups);
  }
});

test('questions that come together are asked once', async () => {
  const who = await kept();
  clock.advance(301_000);
  const answers = await Promise.all(Array.from({ length: 20 }, () => issuers.refreshClaims(who)));
  expect(new Set(answers).size).toBe(1);
  clock.advance(301_000);
  await issuers.refreshClaims(who);
});

test('somebody without any group has none, before and after', async () => {
  const who = await kept('demo', 'grace');
  clock.advance(60_000);
  expect((await issuers.refreshClaims(who)).groups).toEqual([]);
});

test('somebody who was disabled is not signed in any more, by either token, and cannot sign in again', async () => {
  const leaver = { ...ada, username: 'leaver' };
  const provider = await startDemoIdentityProvider({ port: 0, people: [leaver], clients });
  const [first] = configs();
  const parts = {
    secrets,
    sealer: sealer([{ id: 'k', key: new Uint8Array(32) }]),
    clock,
    random: nodeRandom(),
  };
  issuers = oidcIssuers([{ ...(first ?? expect.fail()), issuer: provider.issuer }], parts);
  try {
    const who = await kept('demo', 'leaver');
    provider.disable('leaver');
    clock.advance(60_000);
    await failsWith('not-signed-in', () => issuers.refreshClaims(who));
    clock.advance(300_000);
    await failsWith('not-signed-in', () => issuers.refreshClaims(who));
    await expect(signIn('demo', 'leaver')).rejects.toThrow('did not sign leaver in');
  } finally {
    await provider.stop();
  }
});

test('a provider that cannot be reached is told apart from one that refuses', async () => {
  const provider = await startDemoIdentityProvider({ port: 0, people: [ada], clients });
  const [first] = configs();
  const parts = {
    secrets,
    sealer: sealer([{ id: 'k', key: new Uint8Array(32) }]),
    clock,
    random: nodeRandom(),
  };
  const config = { ...(first ?? expect.fail()), issuer: provider.issuer };
  issuers = oidcIssuers([config], parts);
  const who = await kept();
  const answer = await signInAs(await begin(), 'ada');
  await provider.stop();
  clock.advance(60_000);
  await failsWith('identity-provider-unavailable', () => issuers.refreshClaims(who));
  await failsWith('identity-provider-unavailable', () => issuers.finishSignIn({ currentUrl: answer }));
  await failsWith('identity-provider-unavailable', () =>
    oidcIssuers([config], parts).beginSignIn({ issuer: 'demo', redirectUri, cli }),
  );
  clock.advance(300_000);
  await failsWith('identity-provider-unavailable', () => issuers.refreshClaims(who));
});

test('a sign-in that has ended gives no claims, and a question under way does not bring it back', async () => {
  const who = await kept();
  clock.advance(60_000);
  const asked = issuers.refreshClaims(who);
  await secrets.put([{ id: who.signIn, person, kind: 'provider-tokens', value: null, expiresAtMs: null }]);
  await failsWith('not-signed-in', () => asked);
  expect(await secrets.get('provider-tokens', who.signIn)).toBeUndefined();
  await failsWith('not-signed-in', () => issuers.refreshClaims(who));
});

test('tokens kept for one sign-in do not open under the name of another person', async () => {
  const who = await kept();
  await expect(issuers.refreshClaims({ ...who, person: 'p-bbbbbbbbbbbbbbbbbbbbbbbbbb' })).rejects.toThrow();
});

test('the provider’s tokens are stored sealed', async () => {
  const finished = await signIn();
  for (const { value } of finished.keep(name())) {
    expect(Buffer.from(value ?? []).toString('latin1')).not.toContain('access_token');
  }
  expect(JSON.stringify(finished)).not.toMatch(/refresh/);
});

test.each<[string, Partial<IssuerConfig>]>([
  ['an e-mail address for a name', { identity_claim: ['email'] }],
  ['an address beside a claim that lasts', { identity_claim: ['sub', 'upn'] }],
  ['no claim for a name', { identity_claim: [] }],
  ['no openid scope', { scopes: ['profile'] }],
  ['an issuer that is no URL', { issuer: 'acme' }],
])('a configuration with %s is refused', (_, change) => {
  const [first] = configs();
  const parts = {
    secrets,
    sealer: sealer([{ id: 'k', key: new Uint8Array(32) }]),
    clock,
    random: nodeRandom(),
  };
  expect(() => oidcIssuers([{ ...(first ?? expect.fail()), ...change }], parts)).toThrow(RangeError);
});
