import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type Authenticator,
  type Lies,
  PRESENT,
  softwareAuthenticator,
} from '../passkey/software-authenticator.ts';
import { newBrowser } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { type Person, publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { must, openTicket } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';
import { webVisits } from './web-visits.ts';

let world: World;
let ticket: string;
const keys = new Map<string, Authenticator>();
const { at, cookieOf, signedIn, island, newest } = webVisits(() => world);

const outagePolicy = (named: readonly Person[]) =>
  policyText.replace(
    'break_glass: { at_most: 30m, without: [ticket],',
    `break_glass: { at_most: 30m, without: [ticket, identity-provider], named: [${named.map(({ id }) => id).join(', ')}],`,
  );

beforeAll(async () => {
  world = await startWorld();
  const { ada, bo, maya, tomas, ines, noor } = world.people;
  await publish(outagePolicy([maya, ines, noor]), [ada, bo]);
  for (const who of [maya, tomas, noor]) await enrolPasskey(who);
  const leaving = { totp: ada.code(), reason: 'her last day' };
  must(await ada.post(`/v1/people/${noor.id}/leaving`, leaving), 200);
  ticket = await openTicket(world);
}, 60_000);
afterAll(() => world.stop());

async function enrolPasskey(who: Person): Promise<void> {
  const key = softwareAuthenticator({ origin: world.url });
  const begun = must(await who.post('/v1/passkeys', { label: 'laptop' }), 201);
  const body = { registration: key.create(begun.options), totp: who.code() };
  must(await who.post(`/v1/passkeys/${begun.factor}/confirmation`, body), 200);
  keys.set(who.id, key);
}

const keyOf = (who: Person): Authenticator =>
  keys.get(who.id) ?? softwareAuthenticator({ origin: world.url });

interface Begun {
  readonly challenge: string;
  readonly sealed: string;
}

async function begun(): Promise<Begun> {
  const page = await newBrowser().call(at('/v1/sign-in/passkey/challenge'), { method: 'POST' });
  return JSON.parse(page.text);
}

/** What a browser sends once a passkey has signed. */
const signed = (key: Authenticator, { challenge, sealed }: Begun, lies: Lies = {}) => ({
  ...key.get(challenge, lies),
  sealed,
});

const comes = async (who: Person, lies: Lies = {}) => show(signed(keyOf(who), await begun(), lies));

async function show(
  assertion: object,
  headers: Readonly<Record<string, string>> = {},
  browser = newBrowser(),
) {
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
  const { browser, page } = await comes(world.people.maya);
  expect(page.status).toBe(401);
  expect(page.text).toContain('sign in through it');
  expect([cookieOf(browser), await size()]).toEqual(['', before]);
});

test('a sign-in that the browser had is over with the next', async () => {
  const browser = await signedIn('maya');
  const { data } = await newest('person.authenticated');
  await world.provider.stop();
  world.clock.advance(11_000);
  const key = keyOf(world.people.maya);
  expect((await show(signed(key, await begun()), {}, browser)).page.status).toBe(204);
  expect((await newest('person.signed-out')).data).toMatchObject({
    sign_in: data.sign_in,
    cause: 'replaced',
  });
});

test('when it does not, whom the policy names gets in, breaks the glass, and sees nothing else', async () => {
  const { maya } = world.people;
  const { browser, page } = await comes(maya);
  expect(page.status).toBe(204);
  const { data } = await newest('person.authenticated');
  expect(data).toMatchObject({
    person: maya.id,
    way: 'passkey',
    groups: ['eng'],
    key_set_digest: null,
    by: { sign_in: expect.stringMatching(/^i-/) },
    proof: {
      kind: 'passkey',
      act: { purpose: 'sign-in', about: world.url, person: null, log: { origin: world.broker.origin } },
    },
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
  expect((await comes(world.people.tomas)).page.status).toBe(401);
  expect((await comes(world.people.ines)).page.status).toBe(401);
  expect(await size()).toBe(before);
});

test('nor does somebody who has left, whom the policy names still', async () => {
  const before = await size();
  const { browser, page } = await comes(world.people.noor);
  expect([page.status, cookieOf(browser), await size()]).toEqual([401, '', before]);
});

test('what was to be signed is signed once, is ours, and runs out', async () => {
  const key = keyOf(world.people.maya);
  const first = await begun();
  const sent = signed(key, first);
  expect((await show(sent)).page.status).toBe(204);
  const before = await size();
  // Shown again as it was, and signed anew over the same.
  expect((await show(sent)).page.status).toBe(401);
  expect((await show(signed(key, first))).page.status).toBe(401);
  const other = await begun();
  expect((await show({ ...signed(key, first), sealed: other.sealed })).page.status).toBe(401);
  const changed = `${other.sealed.slice(0, -4)}AAAA`;
  expect((await show(signed(key, { ...other, sealed: changed }))).page.status).toBe(401);
  const late = await begun();
  world.clock.advance(301_000);
  expect((await show(signed(key, late))).page.status).toBe(401);
  expect(await size()).toBe(before);
});

test.each<readonly [string, Lies]>([
  ['of another origin', { origin: 'https://evil.example' }],
  ['in a frame of somebody else’s', { crossOrigin: true }],
  ['of another relying party', { rpId: 'evil.example' }],
  ['without its user having been verified', { flags: PRESENT }],
  ['made as an enrolment', { type: 'webauthn.create' }],
  ['by another key', { key: softwareAuthenticator().privateKey }],
])('a signature %s signs nobody in, and leaves nothing', async (_, lies) => {
  const before = await size();
  expect((await comes(world.people.maya, lies)).page.status).toBe(401);
  expect(await size()).toBe(before);
});

test('a signature for a statement is none for a sign-in, nor is one sent from another site', async () => {
  const key = keyOf(world.people.maya);
  const { sealed } = await begun();
  const challenge = Buffer.alloc(32, 7).toString('base64url');
  expect((await show(signed(key, { challenge, sealed }))).page.status).toBe(401);
  const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  expect((await show(signed(key, await begun()), foreign)).page.status).toBe(401);
});

test('nothing that somebody made up, however often, leaves an entry or a row, or closes anybody’s door', async () => {
  const { maya } = world.people;
  // What an address may knock is full again.
  world.clock.advance(60_000);
  const rows = async () => (await world.broker.store.secrets.ofPerson('web-sign-in', maya.id)).length;
  const before = [await size(), await rows()];
  for (let count = 0; count < 12; count++) {
    await comes(maya, { key: softwareAuthenticator().privateKey });
    await begun();
  }
  expect([await size(), await rows()]).toEqual(before);
  world.clock.advance(60_000);
  expect((await comes(maya)).page.status).toBe(204);
});

test('a passkey whose count falls back is refused, and the log says so', async () => {
  const { maya } = world.people;
  expect((await comes(maya, { counter: 9 })).page.status).toBe(204);
  const { browser, page } = await comes(maya, { counter: 9 });
  expect([page.status, cookieOf(browser)]).toEqual([403, '']);
  expect(page.text).toContain('its key may have been copied');
  expect((await newest('command.refused')).data).toMatchObject({
    person: maya.id,
    attempted: 'sign-in',
    rule: 'passkey-counter-rises',
    by: { kind: 'broker' },
  });
  expect((await newest('factor.used')).data.counter).toBe(9);
});

test('ten in an hour are enough, and after thirty refusals in it nothing more is written', async () => {
  const { maya } = world.people;
  world.clock.advance(3_600_000);
  let counter = 100;
  for (let count = 0; count < 10; count++) {
    expect((await comes(maya, { counter: ++counter })).page.status).toBe(204);
  }
  const once = await show(signed(keyOf(maya), await begun(), { counter: ++counter }));
  expect(JSON.parse(once.page.text)).toMatchObject({ rule: 'emergency-sign-ins-are-bounded' });
  const sent = signed(keyOf(maya), await begun(), { counter: ++counter });
  for (let count = 0; count < 32; count++) await show(sent);
  const before = await size();
  expect((await show(sent)).page.status).toBe(403);
  expect(await size()).toBe(before);
});

test('when the provider answers again, the sign-in is worth nothing', async () => {
  const { maya } = world.people;
  world.clock.advance(3_600_000);
  const { browser } = await comes(maya, { counter: 1_000 });
  expect((await island(browser, 'GET', '/v1/grants')).status).toBe(200);
  await world.provider.resume();
  world.clock.advance(11_000);
  expect((await island(browser, 'GET', '/v1/grants')).status).toBe(401);
  expect((await newest('person.signed-out')).data).toMatchObject({ person: maya.id, cause: 'outage-over' });
  expect((await comes(maya, { counter: 1_001 })).page.status).toBe(401);
  // Made silent once more, it brings nothing back.
  await world.provider.stop();
  world.clock.advance(11_000);
  expect((await island(browser, 'GET', '/v1/grants')).status).toBe(401);
  expect((await comes(maya, { counter: 1_002 })).page.status).toBe(204);
});

test('the whole story is conformant, and what signed somebody in is counted as signed', async () => {
  const verdict = await verdictOn(world);
  expect(verdict).toMatchObject(conformant);
  expect(verdict.signed.passkey_proofs).toBeGreaterThanOrEqual(14);
});

test('what the log does not take signs nobody in', async () => {
  const { maya } = world.people;
  world.clock.advance(60_000);
  const rows = async () => (await world.broker.store.secrets.ofPerson('web-sign-in', maya.id)).length;
  const before = [await size(), await rows()];
  await world.broker.sequencer.stop();
  const { browser, page } = await comes(maya, { counter: 2_000 });
  expect([page.status >= 500, cookieOf(browser)]).toEqual([true, '']);
  expect([await size(), await rows()]).toEqual(before);
});
