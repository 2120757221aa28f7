import { afterAll, beforeAll, expect, test } from 'vitest';
import { type DemoIdentityProvider, startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { type Authenticator, PRESENT, softwareAuthenticator } from '../passkey/software-authenticator.ts';
import { newBrowser } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { type Person, publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { must, openTicket } from './story.ts';
import { webVisits } from './web-visits.ts';

let world: World;
let back: DemoIdentityProvider | undefined;
let ticket: string;
const keys = new Map<string, Authenticator>();
const { at, cookieOf, island, newest } = webVisits(() => world);

const outagePolicy = (named: readonly Person[]) =>
  policyText.replace(
    'break_glass: { at_most: 30m, without: [ticket],',
    `break_glass: { at_most: 30m, without: [ticket, identity-provider], named: [${named.map(({ id }) => id).join(', ')}],`,
  );

beforeAll(async () => {
  world = await startWorld();
  const { ada, bo, maya, tomas, ines } = world.people;
  await publish(outagePolicy([maya, ines]), [ada, bo]);
  for (const who of [maya, tomas]) await enrolPasskey(who);
  ticket = await openTicket(world);
}, 60_000);
afterAll(async () => {
  await world.stop();
  await back?.stop();
});

async function enrolPasskey(who: Person): Promise<void> {
  const key = softwareAuthenticator({ origin: world.url });
  const begun = must(await who.post('/v1/passkeys', { label: 'laptop' }), 201);
  const body = { registration: key.create(begun.options), totp: who.code() };
  must(await who.post(`/v1/passkeys/${begun.factor}/confirmation`, body), 200);
  keys.set(who.id, key);
}

const keyOf = (who: Person): Authenticator =>
  keys.get(who.id) ?? softwareAuthenticator({ origin: world.url });

async function challengeOf(browser = newBrowser()): Promise<string> {
  const page = await browser.call(at('/v1/sign-in/passkey/challenge'), { method: 'POST' });
  return JSON.parse(page.text).challenge;
}

async function show(assertion: object, headers: Readonly<Record<string, string>> = {}) {
  const browser = newBrowser();
  const json = { 'content-type': 'application/json', ...headers };
  const page = await browser.call(at('/v1/sign-in/passkey'), {
    method: 'POST',
    headers: json,
    body: JSON.stringify(assertion),
  });
  return { browser, page };
}

const size = async (): Promise<number> => (await world.broker.store.head())?.size ?? 0;

test('while the provider answers, a passkey alone signs nobody in', async () => {
  const before = await size();
  const { browser, page } = await show(keyOf(world.people.maya).get(await challengeOf()));
  expect(page.status).toBe(401);
  expect(page.text).toContain('sign in through it');
  expect([cookieOf(browser), await size()]).toEqual(['', before]);
});

test('when it does not, whom the policy names gets in, breaks the glass, and sees nothing else', async () => {
  await world.provider.stop();
  world.clock.advance(11_000);
  const { maya } = world.people;
  const { browser, page } = await show(keyOf(maya).get(await challengeOf()));
  expect(page.status).toBe(204);
  expect((await newest('person.authenticated')).data).toMatchObject({
    person: maya.id,
    way: 'passkey',
    groups: ['eng'],
    key_set_digest: null,
    by: { sign_in: expect.stringMatching(/^i-/) },
  });
  for (const path of ['/v1/me', '/v1/requests', '/v1/people', '/v1/sign-ins']) {
    expect([path, (await island(browser, 'GET', path)).status]).toEqual([path, 503]);
  }
  const asked = { entitlement: 'repair', duration_seconds: 600, justification: 'It burns', ticket };
  const ordinary = await island(browser, 'POST', '/v1/requests', { json: { ...asked, totp: maya.code() } });
  expect(ordinary.status).toBe(503);
  const json = { ...asked, break_glass: true, totp: maya.code() };
  const used = JSON.parse((await island(browser, 'POST', '/v1/requests', { json })).text);
  expect(used.break_glass.marks).toEqual(['membership-cached']);
  const opening = { json: {}, headers: { 'idempotency-key': 'one' } };
  const opened = await island(browser, 'POST', `/v1/grants/${used.grants[0].grant}/sessions`, opening);
  expect(opened.status).toBe(201);
});

test('whom the policy does not name does not get in, passkey or not', async () => {
  const before = await size();
  const { page } = await show(keyOf(world.people.tomas).get(await challengeOf()));
  expect(page.status).toBe(401);
  expect((await show(keyOf(world.people.ines).get(await challengeOf()))).page.status).toBe(401);
  expect(await size()).toBe(before);
});

test('a challenge is signed once, is ours, and runs out', async () => {
  const key = keyOf(world.people.maya);
  const assertion = key.get(await challengeOf());
  expect((await show(assertion)).page.status).toBe(204);
  expect((await show(assertion)).page.status).toBe(401);
  expect((await show(key.get('A'.repeat(43)))).page.status).toBe(401);
  const late = await challengeOf();
  world.clock.advance(301_000);
  expect((await show(key.get(late))).page.status).toBe(401);
});

test.each<readonly [string, Parameters<Authenticator['get']>[1]]>([
  ['of another origin', { origin: 'https://evil.example' }],
  ['in a frame of somebody else’s', { crossOrigin: true }],
  ['of another relying party', { rpId: 'evil.example' }],
  ['without its user having been verified', { flags: PRESENT }],
  ['made as an enrolment', { type: 'webauthn.create' }],
  ['by another key', { key: softwareAuthenticator().privateKey }],
])('a signature %s signs nobody in', async (_, lies) => {
  const { page } = await show(keyOf(world.people.maya).get(await challengeOf(), lies));
  expect(page.status).toBe(401);
});

test('a signature for a statement is none for a sign-in, nor is one sent from another site', async () => {
  const key = keyOf(world.people.maya);
  const statement = Buffer.alloc(32, 7).toString('base64url');
  expect((await show(key.get(statement))).page.status).toBe(401);
  const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  expect((await show(key.get(await challengeOf()), foreign)).page.status).toBe(401);
});

test('when the provider answers again, the sign-in is worth nothing', async () => {
  const { browser } = await show(keyOf(world.people.maya).get(await challengeOf()));
  expect((await island(browser, 'GET', '/v1/grants')).status).toBe(200);
  const { port } = new URL(world.provider.issuer);
  back = await startDemoIdentityProvider({ port: Number(port), people: [], clients: [] });
  world.clock.advance(11_000);
  expect((await island(browser, 'GET', '/v1/grants')).status).toBe(401);
  expect((await show(keyOf(world.people.maya).get(await challengeOf()))).page.status).toBe(401);
});
