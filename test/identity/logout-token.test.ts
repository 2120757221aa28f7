import type { JWTPayload } from 'jose';
import { base64url, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { SignInName } from '../../src/app/identity-ports.ts';
import { issuerDefaults } from '../../src/identity/issuer-config.ts';
import { type OidcIssuers, oidcIssuers } from '../../src/identity/oidc.ts';
import { keepProviderNames } from '../../src/identity/provider-names.ts';
import { keepProviderTokens } from '../../src/identity/provider-tokens.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';
import { sealer } from '../../src/platform/sealer.ts';
import { failsWith } from './fails-with.ts';
import { type HostileProvider, startHostileProvider } from './hostile-provider.ts';
import { memorySecrets } from './memory-secrets.ts';
import { turnedClock } from './turned-clock.ts';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const MINUTE_MS = 60_000;

let provider: HostileProvider;
let other: HostileProvider;
let clock: ReturnType<typeof turnedClock>;
let secrets: ReturnType<typeof memorySecrets>;
let issuers: OidcIssuers;
const seal = sealer([{ id: 'k', key: new Uint8Array(32) }]);

beforeAll(async () => {
  provider = await startHostileProvider();
  other = await startHostileProvider();
});
afterAll(async () => {
  await provider.stop();
  await other.stop();
});

const config = (name: string, { issuer }: HostileProvider) => ({
  ...issuerDefaults,
  name,
  issuer,
  client_id: 'countersign',
  client_secret: 'client-secret-text',
  allow_http_loopback: true,
});

beforeEach(async () => {
  provider.reset();
  other.reset();
  clock = turnedClock(Date.now());
  secrets = memorySecrets();
  const parts = { secrets, sealer: seal, clock, random: nodeRandom() };
  issuers = oidcIssuers([config('acme', provider), config('corp', other)], parts);
  await signIn('i-1', 'p-ada', { issuer: 'acme', sub: 'ada', sid: 'visit-1' });
  await signIn('i-2', 'p-ada', { issuer: 'acme', sub: 'ada', sid: 'visit-2' });
  await signIn('i-3', 'p-bo', { issuer: 'acme', sub: 'bo', sid: null });
  await signIn('i-4', 'p-eve', { issuer: 'corp', sub: 'ada', sid: 'visit-1' });
});

async function signIn(
  signIn: SignInName['signIn'],
  person: SignInName['person'],
  named: { readonly issuer: string; readonly sub: string; readonly sid: string | null },
): Promise<void> {
  const name = { signIn, person, expiresAtMs: clock.nowMs() + 60 * MINUTE_MS };
  const tokens = {
    ...named,
    nonce: 'n',
    access_token: 'a',
    access_expires_at_ms: 0,
    refresh_token: null,
    groups_in: 'id-token' as const,
    groups: [],
    claims_at_ms: clock.nowMs(),
    id_token: 'x.y.z',
    is_emergency: false,
  };
  await secrets.put([keepProviderTokens(seal, name, tokens), ...keepProviderNames(name, tokens)]);
}

interface Forgery {
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  readonly by?: HostileProvider;
}

/** Good, but for what is forged; what is undefined is left out. */
function token({ claims = {}, header = {}, by = provider }: Forgery = {}): Promise<string> {
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  const body = {
    iss: provider.issuer,
    aud: 'countersign',
    iat: nowSeconds,
    exp: nowSeconds + 120,
    jti: `jti-${Math.random()}`,
    events: { [EVENT]: {} },
    sid: 'visit-1',
    ...claims,
  };
  const head = { alg: 'RS256', kid: 'k1', typ: 'logout+jwt', ...header };
  return new SignJWT(JSON.parse(JSON.stringify(body)) as JWTPayload)
    .setProtectedHeader(JSON.parse(JSON.stringify(head)))
    .sign(by.privateKey);
}

const ended = async (forgery?: Forgery): Promise<readonly string[]> =>
  (await issuers.signedOutAtProvider(await token(forgery))).map(({ signIn }) => signIn).toSorted();

test('a visit that ended there ends here, and no other', async () => {
  expect(await ended()).toEqual(['i-1']);
  expect(await ended({ claims: { sid: undefined, sub: 'ada' } })).toEqual(['i-1', 'i-2']);
  expect(await ended({ claims: { sub: 'ada' } })).toEqual(['i-1']);
  expect(await ended({ header: { typ: undefined } })).toEqual(['i-1']);
  expect(await ended({ header: { typ: 'JWT' } })).toEqual(['i-1']);
});

test('somebody, or a visit, that nobody knows here ends nothing, nor does a visit of somebody else', async () => {
  expect(await ended({ claims: { sid: 'visit-9' } })).toEqual([]);
  expect(await ended({ claims: { sid: undefined, sub: 'carol' } })).toEqual([]);
  expect(await ended({ claims: { sub: 'bo' } })).toEqual([]);
});

test.each<readonly [string, Forgery]>([
  ['for another client', { claims: { aud: 'another' } }],
  ['of an issuer nobody configured', { claims: { iss: 'https://evil.example' } }],
  ['without a time', { claims: { iat: undefined } }],
  ['without an end', { claims: { exp: undefined } }],
  ['that is over', { claims: { exp: 1_000_000_000 } }],
  ['from ten minutes ago', { claims: { iat: Math.floor(Date.now() / 1000) - 600 } }],
  ['from ten minutes ahead', { claims: { iat: Math.floor(Date.now() / 1000) + 600 } }],
  ['without a name of its own', { claims: { jti: undefined } }],
  ['without the event', { claims: { events: { 'http://example.com/other': {} } } }],
  ['without events', { claims: { events: undefined } }],
  ['with an event that is no object', { claims: { events: { [EVENT]: 'yes' } } }],
  ['with a nonce, as an ID token has', { claims: { nonce: 'n' } }],
  ['with an empty nonce', { claims: { nonce: null } }],
  ['about nobody', { claims: { sid: undefined } }],
  ['about a visit that is a number', { claims: { sid: 7 } }],
  ['typed as an access token', { header: { typ: 'at+jwt' } }],
])('a logout token %s is not believed', async (_, forgery) => {
  await failsWith('not-signed-in', async () => issuers.signedOutAtProvider(await token(forgery)));
});

test('a logout token that another configured provider signed is not believed', async () => {
  await failsWith('not-signed-in', async () => issuers.signedOutAtProvider(await token({ by: other })));
});

test('a logout token without a signature, or with one by the public key, is not believed', async () => {
  const good = await token();
  const [, body = ''] = good.split('.');
  const none = `${base64url.encode('{"alg":"none"}')}.${body}.`;
  await failsWith('not-signed-in', () => issuers.signedOutAtProvider(none));
  const hs256 = await new SignJWT(JSON.parse(Buffer.from(body, 'base64url').toString()))
    .setProtectedHeader({ alg: 'HS256', kid: 'k1' })
    .sign(Buffer.from(provider.publicPem));
  await failsWith('not-signed-in', () => issuers.signedOutAtProvider(hs256));
  await failsWith('not-signed-in', () => issuers.signedOutAtProvider('a'.repeat(20_000)));
});

test('a logout token counts once, also for a sign-in that came after it', async () => {
  const once = await token({ claims: { sid: undefined, sub: 'bo' } });
  expect(await issuers.signedOutAtProvider(once)).toMatchObject([{ signIn: 'i-3' }]);
  await failsWith('not-signed-in', () => issuers.signedOutAtProvider(once));
});
