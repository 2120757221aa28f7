import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { matchPhrase, matchPhraseInput } from '../../src/domain/match-phrase.ts';
import { createDpopKey, type DpopKey } from '../../src/identity/dpop-proof.ts';
import { type Browser, formTokenIn } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { answerOf, type Person, personOf, trade } from './person.ts';
import { policyText } from './policy-text.ts';
import { ask, openTicket, statementFor } from './story.ts';
import { webVisits } from './web-visits.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const MINUTE_MS = 60_000;
let world: World;
const { at, signedIn, newest } = webVisits(() => world);

beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.stop());

interface Device {
  readonly key: DpopKey;
  readonly device_code: string;
  readonly user_code: string;
  readonly phrase: string;
}

async function askToBeLetIn(): Promise<Device> {
  const key = await createDpopKey();
  const answer = await answerOf(
    await fetch(at('/v1/device-authorization'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'a build machine' },
      body: JSON.stringify({ dpop_jkt: key.thumbprint }),
    }),
  );
  const { device_code, user_code } = answer.body;
  const digest = createHash('sha256').update(matchPhraseInput(user_code, key.thumbprint)).digest();
  return { key, device_code, user_code, phrase: matchPhrase(digest) };
}

const poll = (device: Device, more: object = {}, key = device.key) =>
  trade(world, key, { grant_type: GRANT, device_code: device.device_code, ...more });

/** In a browser: sees the words, says that the machine is theirs, and is vouched for by the provider. */
async function letIn(browser: Browser, { user_code }: Device, username: string) {
  const shown = await browser.call(at(`/device?code=${user_code.toLowerCase().replace('-', ' ')}`));
  const form = { form_token: formTokenIn(shown), code: user_code };
  const confirmed = await browser.call(at('/device'), { form });
  const [, onward = ''] = /<a href="(\/sign-in\/device\/[^"]+)"/.exec(confirmed.text) ?? [];
  const done = await browser.signIn(at(onward), username);
  return { shown, done };
}

async function signedInDevice(username: string): Promise<Person> {
  const device = await askToBeLetIn();
  await letIn(await signedIn(username), device, username);
  return personOf(world, device.key, (await poll(device)).body);
}

test('a machine without a browser is let in from another one, which shows the same words', async () => {
  const device = await askToBeLetIn();
  expect(device.user_code).toMatch(/^[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}$/);
  expect(await poll(device)).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
  const { shown, done } = await letIn(await signedIn('maya'), device, 'maya');
  expect(shown.text).toContain(device.phrase);
  expect(shown.text).toContain('a build machine');
  expect(done.text).toContain('The machine is signed in');
  const tokens = await poll(device);
  expect(tokens).toMatchObject({ status: 200, body: { person: world.people.maya.id, token_type: 'DPoP' } });
  expect((await newest('person.authenticated')).data).toMatchObject({ way: 'device', may: 'ask' });
  // It was handed over once.
  expect(await poll(device)).toMatchObject({ status: 400, body: { error: 'expired_token' } });
});

test('it asks, sees and withdraws', async () => {
  const machine = await signedInDevice('maya');
  const totp = world.people.maya.code();
  const body = { entitlement: 'deploying', duration_seconds: 600, justification: 'From the build', totp };
  const request = await machine.post('/v1/requests', body);
  expect(request.status).toBe(201);
  expect((await machine.get(`/v1/requests/${request.body.request}`)).status).toBe(200);
  expect((await machine.get('/v1/requests')).status).toBe(200);
  expect((await machine.get('/v1/me')).body.person).toBe(world.people.maya.id);
  expect((await machine.post(`/v1/requests/${request.body.request}/withdrawal`)).status).toBe(200);
  expect((await machine.get('/v1/sign-ins')).body.items).toContainEqual(
    expect.objectContaining({ way: 'device', may: 'ask', is_this: true }),
  );
});

test('it does nothing else, and every try is in the log', async () => {
  const { maya, tomas } = world.people;
  const machine = await signedInDevice('tomas');
  const { request } = await ask(world);
  const statement = await statementFor(tomas, request);
  const tries: readonly (readonly [string, unknown])[] = [
    [`/v1/requests/${request}/reviews`, { statement, totp: tomas.code() }],
    [`/v1/requests/${request}/statements`, { verdict: 'approve' }],
    [`/v1/requests/${request}/nudges`, undefined],
    ['/v1/factors', { label: 'another' }],
    [`/v1/people/${maya.id}/vouchers`, { totp: '000000' }],
    ['/v1/tickets', { ticket: 'INC-71', title: 't' }],
    ['/v1/policy/proposals', { text: policyText, scopes: {} }],
    ['/v1/device-authorization/BCDF-BCDF/confirmation', undefined],
    ['/v1/grants/g-01JZX3V5Q8M2N4P6R8T0V2W4Y6/sessions', {}],
  ];
  for (const [path, body] of tries) {
    const before = (await world.broker.store.head())?.size ?? 0;
    const answer = await machine.post(path, body, { 'idempotency-key': `k-${path.length}` });
    expect([path, answer.status, answer.body.rule]).toEqual([path, 403, 'sign-in-may-only-ask']);
    expect((await world.broker.store.head())?.size).toBe(before + 1);
    expect((await newest('command.refused')).data).toMatchObject({
      person: tomas.id,
      attempted: 'more-than-ask',
      rule: 'sign-in-may-only-ask',
    });
  }
  expect((await machine.get('/v1/log/entries')).body.rule).toBe('sign-in-may-only-ask');
  expect((await machine.get('/v1/people')).body.rule).toBe('sign-in-may-only-ask');
  // The person beside a browser still decides.
  const reviewed = await tomas.post(`/v1/requests/${request}/reviews`, { statement, totp: tomas.code() });
  expect(reviewed.status).toBe(201);
});

test('breaking the glass is more than asking: what decides reads the log, not the token', async () => {
  const machine = await signedInDevice('maya');
  const ticket = await openTicket(world, world.people.maya);
  const asked = { entitlement: 'repair', duration_seconds: 600, justification: 'Now', ticket };
  const body = { ...asked, break_glass: true };
  const answer = await machine.post('/v1/requests', { ...body, totp: world.people.maya.code() });
  expect([answer.status, answer.body.rule]).toEqual([403, 'sign-in-may-only-ask']);
  expect((await newest('command.refused')).data).toMatchObject({ attempted: 'more-than-ask' });
  expect((await machine.get('/v1/requests')).body.items).not.toContainEqual(
    expect.objectContaining({ ticket }),
  );
});

test('who only passes the code on shows other words, and cannot fetch what came of it', async () => {
  const [device, thief] = [await askToBeLetIn(), await createDpopKey()];
  await letIn(await signedIn('maya'), device, 'maya');
  expect((await poll(device, {}, thief)).status).toBe(401);
  const other = await askToBeLetIn();
  expect(other.phrase).not.toBe(device.phrase);
});

test('whom the provider vouches for is who said that the machine is theirs', async () => {
  const device = await askToBeLetIn();
  const browser = await signedIn('maya');
  browser.forget(world.provider.issuer);
  const { done } = await letIn(browser, device, 'double');
  expect([done.status, done.text.includes('confirmed by somebody else')]).toEqual([401, true]);
  expect(await poll(device)).toMatchObject({ status: 400, body: { error: 'authorization_pending' } });
});

test('nobody is let in without saying so, nor by a machine that was itself let in', async () => {
  const device = await askToBeLetIn();
  const browser = await signedIn('maya');
  const skipped = await browser.call(at(`/sign-in/device/corp/${device.user_code}`));
  expect(skipped.headers.get('location')).toBe(`/device?code=${device.user_code}`);
  expect((await poll(device)).body.error).toBe('authorization_pending');
});

test('a code is good for ten minutes, and one that was never given is no code', async () => {
  const device = await askToBeLetIn();
  const browser = await signedIn('maya');
  world.clock.advance(11 * MINUTE_MS);
  expect((await browser.call(at(`/device?code=${device.user_code}`))).status).toBe(404);
  expect((await poll(device)).body.error).toBe('expired_token');
  expect((await poll({ ...device, device_code: `cd_${'A'.repeat(43)}` })).body.error).toBe('expired_token');
  expect((await browser.call(at('/device?code=AEIO-UAEI'))).status).toBe(404);
});

test('signing the person out everywhere takes the machine’s sign-in with it', async () => {
  const machine = await signedInDevice('noor');
  const own = (await world.people.noor.get('/v1/sign-ins')).body.items;
  const { sign_in } = own.find(({ way }: { way: string }) => way === 'device');
  expect((await world.people.noor.post(`/v1/sign-ins/${sign_in}/end`)).status).toBe(204);
  expect((await machine.get('/v1/me')).status).toBe(401);
});
