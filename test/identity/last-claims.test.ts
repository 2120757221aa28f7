import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DemoIdentityProvider, startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { signInAs } from '../../src/demo/sign-in-as.ts';
import { issuerDefaults } from '../../src/identity/issuer-config.ts';
import { type OidcIssuers, oidcIssuers } from '../../src/identity/oidc.ts';
import { keepProviderTokens, openProviderTokens } from '../../src/identity/provider-tokens.ts';
import { nodeRandom } from '../../src/platform/node-random.ts';
import { sealer } from '../../src/platform/sealer.ts';
import { failsWith } from './fails-with.ts';
import { memorySecrets } from './memory-secrets.ts';
import { turnedClock } from './turned-clock.ts';

const redirectUri = 'https://broker.example.com/sign-in/callback';
const client = {
  client_id: 'countersign',
  client_secret: 'a secret of the tests',
  redirect_uris: [redirectUri],
};
const sha256 = createHash('sha256').update('x').digest('base64url');
const cli = {
  redirect_uri: 'http://127.0.0.1:40000/callback',
  code_challenge: sha256,
  state: 'cli',
  dpop_jkt: sha256,
};
const who = {
  signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZZ',
  person: 'p-aaaaaaaaaaaaaaaaaaaaaaaaaa',
} as const;

const seals = sealer([{ id: 'k', key: new Uint8Array(32) }]);

let provider: DemoIdentityProvider;
let clock: ReturnType<typeof turnedClock>;
let secrets: ReturnType<typeof memorySecrets>;
let issuers: OidcIssuers;
let toldAtMs: number;

beforeEach(async () => {
  const person = { username: 'ada', name: 'Ada Byron', groups: ['eng'], email: 'ada@example.com' };
  provider = await startDemoIdentityProvider({ port: 0, people: [person], clients: [client] });
  clock = turnedClock(Date.now());
  secrets = memorySecrets();
  const config = {
    ...issuerDefaults,
    name: 'demo',
    issuer: provider.issuer,
    client_id: client.client_id,
    client_secret: client.client_secret,
    allow_http_loopback: true,
    max_claims_age_seconds: 0,
  };
  const parts = {
    secrets,
    sealer: seals,
    clock,
    random: nodeRandom(),
  };
  issuers = oidcIssuers([config], parts);
  const begun = await issuers.beginSignIn({ issuer: 'demo', redirectUri, cli });
  await secrets.put(begun.secrets);
  const finished = await issuers.finishSignIn({ currentUrl: await signInAs(begun.url, 'ada') });
  await secrets.put(finished.keep(name()));
  toldAtMs = finished.facts.claimsAtMs;
});
afterEach(() => provider.stop());

const name = () => ({ ...who, expiresAtMs: clock.nowMs() + 43_200_000 });

test('what was told last is known without asking, with the time at which it was told', async () => {
  const before = await issuers.lastClaims(name());
  expect(before).toEqual({ groups: ['eng'], claimsAtMs: toldAtMs });
  await provider.stop();
  clock.advance(3_600_000);
  await failsWith('identity-provider-unavailable', () => issuers.refreshClaims(name()));
  expect(await issuers.lastClaims(name())).toEqual(before);
});

test('a provider that no longer vouches takes back what it said, and an outage brings nothing of it back', async () => {
  provider.disable('ada');
  clock.advance(400_000);
  await failsWith('not-signed-in', () => issuers.refreshClaims(name()));
  expect(await issuers.lastClaims(name())).toBeUndefined();
  await provider.stop();
  await failsWith('identity-provider-unavailable', () => issuers.refreshClaims(name()));
  expect(await issuers.lastClaims(name())).toBeUndefined();
});

const other = { ...who, signIn: 'i-01JZZZZZZZZZZZZZZZZZZZZZZY' } as const;
const otherName = () => ({ ...other, expiresAtMs: clock.nowMs() + 43_200_000 });
/** The same person on another machine, a moment later. */
async function signInElsewhere(): Promise<void> {
  clock.advance(1000);
  const begun = await issuers.beginSignIn({ issuer: 'demo', redirectUri, cli });
  await secrets.put(begun.secrets);
  const finished = await issuers.finishSignIn({ currentUrl: await signInAs(begun.url, 'ada') });
  await secrets.put(finished.keep(otherName()));
}

test('what was taken back in one sign-in of a person is taken back in every other', async () => {
  await signInElsewhere();
  provider.disable('ada');
  clock.advance(400_000);
  await failsWith('not-signed-in', () => issuers.refreshClaims(name()));
  await provider.stop();
  expect(await issuers.lastClaims(otherName())).toBeUndefined();
});

test('what was told in one sign-in of a person is what was told last in every other', async () => {
  await signInElsewhere();
  provider.setGroups('ada', ['ops']);
  clock.advance(10_000);
  expect((await issuers.refreshClaims(otherName())).groups).toEqual(['ops']);
  const toldLast = { groups: ['ops'], claimsAtMs: clock.nowMs() };
  expect(await issuers.lastClaims(name())).toEqual(toldLast);
});

test('who has signed in again since it was taken back is vouched for again', async () => {
  const sealed = await secrets.get('provider-tokens', who.signIn);
  if (sealed === undefined) throw new Error('she has signed in');
  const tokens = openProviderTokens({ sealer: seals }, name(), sealed.value);
  const takenBack = { ...tokens, claims_at_ms: -clock.nowMs() };
  await secrets.put([keepProviderTokens(seals, name(), takenBack)]);
  expect(await issuers.lastClaims(name())).toBeUndefined();
  await signInElsewhere();
  expect((await issuers.lastClaims(otherName()))?.groups).toEqual(['eng']);
});

test('a sign-in that has ended has told nothing', async () => {
  await secrets.put([
    { id: who.signIn, person: who.person, kind: 'provider-tokens', value: null, expiresAtMs: null },
  ]);
  expect(await issuers.lastClaims(name())).toBeUndefined();
});
