import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { key, startWorld, type World } from './harness.ts';
import { type Answer, answerOf, publish } from './person.ts';
import { policyText } from './policy-text.ts';
import { approve, ask, introspect, must, open, openedGrant, openTicket } from './story.ts';
import { conformant, verdictOn } from './verdict.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const look = { entitlement: 'look', duration_seconds: 600, justification: 'To look' };
const repair = { entitlement: 'repair', duration_seconds: 600, justification: 'To mend' };

type Attempt = () => Promise<Answer>;
const asks = async (who: 'maya' | 'tomas' | 'ada' | 'noor' | 'double', body: object): Promise<Answer> => {
  const person = world.people[who];
  const totp = who === 'double' ? {} : { totp: person.code() };
  return person.post('/v1/requests', { ...body, ...totp });
};

async function proposed(text: string): Promise<string> {
  const { ada } = world.people;
  return must(await ada.post('/v1/policy/proposals', { text, scopes: {} }), 201).proposal;
}

async function signed(who: 'ada' | 'bo', proposal: string): Promise<Answer> {
  const person = world.people[who];
  const path = `/v1/policy/proposals/${proposal}`;
  const { statement } = (await person.post(`${path}/statements`)).body;
  return person.post(`${path}/signatures`, { statement, totp: person.code() });
}

/** Each somebody with some power in one place, who reaches for more in another. */
const reaches: readonly (readonly [number, string, Attempt, string])[] = [
  [3, 'a reviewer asks for what he reviews', () => asks('tomas', look), 'requester-is-eligible'],
  [3, 'an administrator asks for what she publishes', () => asks('ada', look), 'requester-is-eligible'],
  [3, 'an auditor asks for what he reads', () => asks('noor', look), 'requester-is-eligible'],
  [
    3,
    'an administrator reviews',
    async () => {
      const { request } = await ask(world);
      return world.people.ada.post(`/v1/requests/${request}/statements`, { verdict: 'approve' });
    },
    'reviewer-is-in-the-stage-group',
  ],
  [
    3,
    'a reviewer publishes',
    () => world.people.tomas.post('/v1/policy/proposals', { text: policyText, scopes: {} }),
    'publisher-is-administrator',
  ],
  [
    3,
    'an administrator alone signs her policy twice',
    async () => {
      const proposal = await proposed(policyText.replace('[engineers, deploy]', '[engineers, admins]'));
      must(await signed('ada', proposal), 201);
      return signed('ada', proposal);
    },
    'reviewer-has-not-reviewed-before',
  ],
  [
    3,
    'an auditor revokes',
    async () => {
      const { grant } = await openedGrant(world);
      return world.people.noor.post(`/v1/grants/${grant}/revocation`, { reason: 'I can see it' });
    },
    'revoker-is-entitled',
  ],
  [
    3,
    'a requester names herself in her own ticket',
    async () => {
      const { maya } = world.people;
      must(await maya.post('/v1/tickets', { ticket: 'INC-7001', title: 'Mine', responders: [maya.id] }), 201);
      return asks('maya', { ...repair, ticket: 'INC-7001' });
    },
    'ticket-has-another-voucher',
  ],
  [
    3,
    'somebody vouches for herself',
    () =>
      world.people.maya.post(`/v1/people/${world.people.maya.id}/vouchers`, {
        totp: world.people.maya.code(),
      }),
    'voucher-is-another-human',
  ],
  [
    4,
    'what is reviewed is asked for as long as what is not',
    async () => asks('maya', { ...repair, ticket: await openTicket(world), duration_seconds: 28_800 }),
    'duration-is-within-limit',
  ],
  [
    4,
    'what needs a ticket is asked for without one',
    () => asks('maya', repair),
    'ticket-is-given-when-required',
  ],
  [
    4,
    'break-glass of one entitlement is used for another',
    async () =>
      asks('maya', { ...repair, entitlement: 'ledger', ticket: await openTicket(world), break_glass: true }),
    'break-glass-is-allowed',
  ],
  [
    4,
    'what nobody reviews is asked for with the scope of what somebody does',
    () => asks('maya', { ...look, scope: [{ action: 'batches.delete', resource: 'export/batches/*' }] }),
    'scope-is-within-entitlement',
  ],
  [
    10,
    'an entitlement in capitals',
    () => asks('maya', { ...look, entitlement: 'LOOK' }),
    'entitlement-exists',
  ],
  [
    10,
    'an entitlement with a blank',
    () => asks('maya', { ...look, entitlement: 'look ' }),
    'entitlement-exists',
  ],
  [
    10,
    'an entitlement in Cyrillic',
    () => asks('maya', { ...look, entitlement: 'lооk' }),
    'entitlement-exists',
  ],
  [
    10,
    'an entitlement in full width',
    () => asks('maya', { ...look, entitlement: 'ｌｏｏｋ' }),
    'entitlement-exists',
  ],
  [
    10,
    'a name that every object has',
    () => asks('maya', { ...look, entitlement: 'constructor' }),
    'entitlement-exists',
  ],
];

test.each(reaches)('(%i) %s: refused by its rule', async (_, __, attempt, rule) => {
  expect((await attempt()).body).toMatchObject({ status: 403, code: 'refused-by-rule', rule });
});

test.each(['Eng', 'eng ', 'ENG', 'еng', 'eng\u200B', 'engineers', 'leads,eng', '__proto__'])(
  '(10) the provider’s group %j is not eng',
  async (group) => {
    const { otto } = world.people;
    world.provider.setGroups('otto', [group]);
    const { groups } = must(await otto.get('/v1/me'), 200);
    const refused = await otto.post('/v1/requests', look);
    world.provider.setGroups('otto', ['eng']);
    const admitted = must(await otto.get('/v1/me'), 200);
    world.provider.setGroups('otto', []);
    expect([groups, refused.body.rule]).toEqual([[], 'requester-is-eligible']);
    expect(admitted.groups).toEqual(['engineers']);
  },
);

test('(3) one administrator puts no policy in force, and cannot make one signature enough', async () => {
  const { ada, maya } = world.people;
  const proposal = await proposed(policyText.replace('at_most: 8h', 'at_most: 7h'));
  expect((await signed('ada', proposal)).body).toMatchObject({ in_force: false, signatures: 1, needed: 2 });
  expect((await maya.post(`/v1/policy/proposals/${proposal}/statements`)).status).toBe(404);
  expect((await ada.get('/v1/policy')).body.text).toBe(policyText);
  const lone = policyText.replace('publish_needs: 2', 'publish_needs: 1');
  const refused = await ada.post('/v1/policy/proposals', { text: lone, scopes: {} });
  expect(refused.body.code).toBe('policy-invalid');
});

test('(4) what was approved by no one gives its own scope, and what was asked beside it stays pending', async () => {
  const { maya } = world.people;
  const waiting = await ask(world, { entitlement: 'ledger' });
  const granted = await ask(world, { entitlement: 'look' });
  expect(granted.status).toBe('approved');
  const { credentials } = must(await open(maya, granted.grants[0].grant), 201);
  const { permissions } = (await introspect(world, credentials.token)).body;
  expect(permissions).toEqual([{ action: 'orders.read', resource: 'orders/*' }]);
  expect((await maya.get(`/v1/requests/${waiting.request}`)).body).toMatchObject({
    status: 'pending',
    grants: [],
  });
});

test('(11) a namesake with the same e-mail address is somebody else, everywhere', async () => {
  const { maya, double, tomas } = world.people;
  const { request, grant } = await openedGrant(world);
  const answers = [
    await double.get(`/v1/requests/${request}`),
    await double.post(`/v1/grants/${grant}/sessions`, {}, { 'idempotency-key': key() }),
    await double.post('/v1/requests', { ...look, totp: maya.code() }),
  ];
  expect(double.id).not.toBe(maya.id);
  expect(answers.map(({ body }) => body.rule ?? body.code)).toEqual([
    'not-found',
    'not-found',
    'requester-is-eligible',
  ]);
  const found = must(await tomas.get('/v1/people?name=Maya'), 200).items;
  expect(new Set(found.map(({ person }: { person: string }) => person))).toEqual(
    new Set([maya.id, double.id]),
  );
});

test('(11) the same subject at another issuer is somebody else', async () => {
  const { maya, ada, bo } = world.people;
  const { grant } = await openedGrant(world);
  const pipeline = 'workloads:\n  likeness: { issuer: pipelines, subject: maya, sponsor: leads }\n';
  const eligible = 'eligible: [likeness, engineers]\n    ticket: not-required\n    review: not-required';
  const named = policyText
    .replace('workloads:\n', pipeline)
    .replace('eligible: [engineers]\n    ticket: not-required\n    review: not-required', eligible);
  await publish(named, [ada, bo]);
  const token = await world.workloads.token({ subject: 'maya', audience: world.url });
  const bearer = { authorization: `Bearer ${token}` };
  const me = await answerOf(await fetch(`${world.url}/v1/me`, { headers: bearer }));
  expect(me.body).toMatchObject({
    kind: 'workload',
    factors: [],
    groups: expect.not.arrayContaining(['engineers']),
  });
  expect(me.body.person).not.toBe(maya.id);
  const grantOfMaya = await fetch(`${world.url}/v1/grants/${grant}`, { headers: bearer });
  expect(grantOfMaya.status).toBe(404);
  await publish(policyText, [ada, bo]);
});

/** Something on the inside that nobody but the broker can reach; it counts its visitors. */
async function withInside(use: (address: string) => Promise<void>): Promise<number> {
  let visits = 0;
  const inside = createServer((_, response) => {
    visits += 1;
    response.end('{"keys":[]}');
  });
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  await use(`http://127.0.0.1:${(inside.address() as AddressInfo).port}/latest/meta-data`);
  await new Promise((resolve) => inside.close(resolve));
  return visits;
}

async function withToken(header: object, issuer: string): Promise<Answer> {
  const { privateKey } = await generateKeyPair('ES256');
  const token = await new SignJWT({ sub: 'repo:acme/shop:environment:production' })
    .setProtectedHeader({ alg: 'ES256', ...header })
    .setIssuer(issuer)
    .setAudience(world.url)
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(privateKey);
  return answerOf(await fetch(`${world.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } }));
}

const signInWith = (more: Record<string, string>): Promise<Answer> => {
  const query = { redirect_uri: 'http://127.0.0.1:1/callback', code_challenge: 'A'.repeat(43), state: 's' };
  const search = new URLSearchParams({ ...query, dpop_jkt: 'A'.repeat(43), ...more });
  return fetch(`${world.url}/v1/sign-in?${search}`, { redirect: 'manual' }).then(answerOf);
};

const steered: readonly (readonly [string, (address: string) => Promise<Answer>, number])[] = [
  ['the jku of a token', (address) => withToken({ kid: 'w1', jku: address }, world.workloads.issuer), 401],
  ['the x5u of a token', (address) => withToken({ kid: 'w1', x5u: address }, world.workloads.issuer), 401],
  ['the kid of a token', (address) => withToken({ kid: address }, world.workloads.issuer), 401],
  ['the iss of a token', (address) => withToken({ kid: 'w1' }, address), 401],
  ['the issuer of a sign-in', (address) => signInWith({ issuer: address.slice(0, 40) }), 404],
];

test.each(steered)('(22) %s does not steer the broker to an inside address', async (_, attempt, status) => {
  const visits = await withInside(async (address) => {
    expect((await attempt(address)).status).toBe(status);
  });
  expect(visits).toBe(0);
});

test('(22) an issuer’s key set that redirects is not followed', async () => {
  // Its keys are not remembered by a process that has just begun.
  await world.restart();
  const visits = await withInside(async (address) => {
    world.workloads.redirectKeysTo(address);
    expect((await withToken({ kid: 'w1' }, world.workloads.issuer)).body.code).toBe(
      'identity-provider-unavailable',
    );
    world.workloads.redirectKeysTo(undefined);
  });
  expect(visits).toBe(0);
});

test('an auditor finds every decision of these stories conformant', async () => {
  await approve(world.people.tomas, (await ask(world)).request);
  expect(await verdictOn(world)).toMatchObject(conformant);
});
