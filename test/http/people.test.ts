import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWorld, type World } from './harness.ts';
import { enrol, type Person, signIn, trade } from './person.ts';
import { approve, ask, introspect, must, open, openedGrant, openTicket } from './story.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const record = (by: Person, about: Person, what: 'leaving' | 'return') =>
  by.post(`/v1/people/${about.id}/${what}`, { reason: 'their last day', totp: by.code() });
const seen = async (by: Person, about: Person) => must(await by.get(`/v1/people/${about.id}`), 200);

test('(30) whoever is recorded to have left is out at once, everywhere, and comes in again once they are recorded to be back', async () => {
  const { ada, bo, maya } = world.people;
  const { grant, session, request } = await openedGrant(world);
  const waits = await ask(world);
  const { refresh } = maya.tokens();
  const recorded = must(await record(ada, maya, 'leaving'), 200);
  expect(recorded.people).toEqual([maya.id]);
  expect(recorded.ended.length).toBeGreaterThan(1);
  expect((await introspect(world, session.credentials.token)).body).toEqual({ active: false });
  expect(await maya.get('/v1/me')).toMatchObject({ status: 401, body: { code: 'not-signed-in' } });
  const renewing = { grant_type: 'refresh_token', refresh_token: refresh };
  expect((await trade(world, maya.key, renewing)).status).toBe(401);
  expect((await open(maya, grant)).status).toBe(401);
  expect(must(await ada.get(`/v1/requests/${waits.request}`), 200).status).toBe('cancelled');
  expect(must(await ada.get(`/v1/requests/${request}`), 200).status).toBe('revoked');
  await expect(signIn(world, 'maya')).rejects.toThrow();
  expect(await seen(ada, maya)).toMatchObject({ left: true });

  // Said again, it carries out what may have been left, and makes no second entry.
  expect(must(await record(bo, maya, 'leaving'), 200)).toMatchObject({ entries: [], ended: [] });
  must(await record(bo, maya, 'return'), 200);
  expect(await record(bo, maya, 'return')).toMatchObject({ status: 409 });
  const back = await signIn(world, 'maya');
  expect(must(await back.get('/v1/me'), 200).factors).toHaveLength(1);
  expect((await open(back, grant)).status).toBe(403);
  expect((await maya.get('/v1/me')).status).toBe(401);
});

test('(1, 2) leaving and returning are recorded by administrators, in their own name, and by nobody for themselves', async () => {
  const { ada, tomas, ines } = world.people;
  const refused = { status: 403, body: { rule: 'administrator-records-leaving', entry: expect.any(Number) } };
  expect(await record(tomas, ines, 'leaving')).toMatchObject(refused);
  expect(await record(tomas, ines, 'return')).toMatchObject(refused);
  expect(await record(ada, ada, 'leaving')).toMatchObject(refused);
  const path = `/v1/people/${ines.id}/leaving`;
  for (const more of [{ recorded_by: world.people.bo.id }, { person: ada.id }, { groups: ['admins'] }]) {
    const sent = await ada.post(path, { reason: 'x', totp: ada.code(), ...more });
    expect(sent).toMatchObject({ status: 400, body: { code: 'malformed-input' } });
  }
  expect((await ada.post(path, { reason: 'x' })).body.code).toBe('step-up-needed');
  expect((await ada.post(path, { reason: ' ', totp: ada.code() })).status).toBe(400);
  expect((await ada.post(path, { reason: 'x\u202ey', totp: ada.code() })).status).toBe(400);
  const nobody = `/v1/people/p-${'a'.repeat(26)}/leaving`;
  expect((await ada.post(nobody, { reason: 'x', totp: ada.code() })).status).toBe(404);
  expect(await seen(ada, ines)).toMatchObject({ left: false });
});

test('an administrator who was said to have left is brought back by another one', async () => {
  const { ada, bo } = world.people;
  must(await record(ada, bo, 'leaving'), 200);
  expect((await bo.get('/v1/me')).status).toBe(401);
  must(await record(ada, bo, 'return'), 200);
  const back = await signIn(world, 'bo');
  expect((await back.get('/v1/me')).status).toBe(200);
});

test('what a leaver approved opens nothing, and what is asked for them is refused', async () => {
  const { ada, ines, tomas } = world.people;
  const maya = await signInAgain('maya');
  const ticket = await openTicket(world, maya);
  const { request } = await ask(world, { ticket }, maya);
  const { grants } = await approve(ines, request);
  must(await record(ada, ines, 'leaving'), 200);
  expect(await open(maya, grants[0].grant)).toMatchObject({
    status: 403,
    body: { rule: 'approver-has-not-left' },
  });
  const vouching = await tomas.post(`/v1/people/${ines.id}/vouchers`, { totp: tomas.code() });
  expect(vouching).toMatchObject({ status: 403, body: { rule: 'person-has-not-left' } });
  must(await record(ada, ines, 'return'), 200);
  expect((await open(maya, grants[0].grant)).status).toBe(403);
});

/** As the same human, with the authenticator they have. */
async function signInAgain(name: 'maya' | 'bo'): Promise<Person> {
  const before = world.people[name];
  const now = await signIn(world, name);
  return { ...now, code: before.code, sameCode: before.sameCode };
}

test('(23) a recovered factor proves nothing until a colleague vouches, and who may vouch sees that it waits', async () => {
  const { tomas, ada } = world.people;
  const otto = await signIn(world, 'otto');
  const code = must(await ada.post(`/v1/people/${otto.id}/vouchers`, { totp: ada.code() }), 201);
  const [recovery_code] = await enrol(otto, code.enrolment_code);
  const begun = must(await otto.post('/v1/factors', { label: 'found again', recovery_code }), 201);
  otto.useSecret(begun.secret);
  must(await otto.post(`/v1/factors/${begun.factor}/confirmation`, { code: otto.code() }), 200);
  const asking = () => otto.post(`/v1/people/${world.people.double.id}/vouchers`, { totp: otto.code() });
  expect(await asking()).toMatchObject({ status: 403, body: { rule: 'recovered-factor-is-vouched' } });
  expect((await seen(tomas, otto)).recovered).toMatchObject([{ factor: begun.factor }]);
  const me = must(await otto.get('/v1/me'), 200);
  expect(me.factors.map((factor: { waits_for_voucher: boolean }) => factor.waits_for_voucher)).toEqual([
    false,
    true,
  ]);
  const vouch = (by: Person, more = {}) =>
    by.post(`/v1/people/${otto.id}/recovery-vouchers`, { totp: by.code(), ...more });
  expect(await vouch(otto)).toMatchObject({ status: 403, body: { rule: 'voucher-is-another-human' } });
  expect((await vouch(tomas, { factor: 'f-x' })).status).toBe(400);
  expect((await vouch(tomas, { factor: me.factors[0].factor })).status).toBe(409);
  must(await vouch(tomas), 201);
  expect((await vouch(ada)).status).toBe(409);
  expect(await asking()).toMatchObject({ status: 403, body: { rule: 'recovered-factor-rests-a-day' } });
  expect(must(await otto.get('/v1/me'), 200).rests_until).toMatch(/^20/);
});

test('two administrators reset somebody’s factors; one alone, or anybody else, does not', async () => {
  const { tomas, ada } = world.people;
  const bo = await signInAgain('bo');
  const path = `/v1/people/${tomas.id}/factor-resets`;
  const body = (by: Person) => ({ reason: 'a stolen bag', totp: by.code() });
  const twoHumans = { status: 403, body: { rule: 'reset-takes-two-humans' } };
  expect(await tomas.post(path, body(tomas))).toMatchObject(twoHumans);
  const asked = must(await ada.post(path, body(ada)), 201);
  const confirmation = `${path}/${asked.reset}/confirmation`;
  expect((await seen(bo, tomas)).resets).toMatchObject([{ reset: asked.reset, requested_by: ada.id }]);
  expect((await seen(tomas, tomas)).resets).toEqual([]);
  expect(await ada.post(confirmation, { totp: ada.code() })).toMatchObject(twoHumans);
  expect(await tomas.post(confirmation, { totp: tomas.code() })).toMatchObject(twoHumans);
  const elsewhere = `/v1/people/${world.people.ines.id}/factor-resets/${asked.reset}/confirmation`;
  expect((await bo.post(elsewhere, { totp: bo.code() })).status).toBe(404);
  must(await bo.post(confirmation, { totp: bo.code() }), 200);
  expect((await bo.post(confirmation, { totp: bo.code() })).status).toBe(404);
  expect((await tomas.get('/v1/me')).status).toBe(401);
  const back = await signIn(world, 'tomas');
  expect(must(await back.get('/v1/me'), 200).factors).toEqual([]);
  const vouched = must(await ada.post(`/v1/people/${back.id}/vouchers`, { totp: ada.code() }), 201);
  await enrol(back, vouched.enrolment_code);
});
