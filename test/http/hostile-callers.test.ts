import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dpopProof } from '../../src/identity/dpop-proof.ts';
import { key, startWorld, type World } from './harness.ts';
import { enrol, signIn, trade } from './person.ts';
import { policyText } from './policy-text.ts';
import { approve, ask, introspect, must, open, openedGrant, statementFor } from './story.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ trustedProxies: [] });
});
afterAll(() => world.stop());

async function call(path: string, headers: Record<string, string>, method = 'GET') {
  const response = await fetch(`${world.url}${path}`, { method, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

test('every path of the API but the public ones needs a token', async () => {
  const document = await (await fetch(`${world.url}/openapi.json`)).json();
  const open = [
    '/v1/sign-in',
    '/v1/sign-in/issuers',
    '/v1/sign-in/passkey',
    '/v1/sign-in/passkey/challenge',
    '/v1/sign-in/back-channel-logout',
    '/v1/device-authorization',
    '/v1/token',
    '/healthz',
    '/readyz',
  ];
  const guarded = Object.entries(document.paths).flatMap(([path, operations]) =>
    open.includes(path)
      ? []
      : Object.keys(operations as object).map((method) => [method.toUpperCase(), path] as const),
  );
  expect(guarded.length).toBeGreaterThan(25);
  for (const [method, path] of guarded) {
    const answer = await call(path.replaceAll(/\{\w+\}/g, 'x'), {}, method);
    expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'not-signed-in']);
    expect(answer.headers.get('www-authenticate')).toMatch(/^DPoP /);
  }
});

test.each([
  [
    'an unsigned token',
    async () => new UnsecuredJWT({ sub: 'ada' }).setIssuer(world.provider.issuer).encode(),
  ],
  [
    'a token of nobody’s key',
    async () =>
      new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'HS256' })
        .setIssuer(world.workloads.issuer)
        .sign(new Uint8Array(32)),
  ],
  [
    'a workload’s token for another audience',
    () =>
      world.workloads.token({
        subject: 'repo:acme/shop:environment:production',
        audience: 'https://elsewhere.example',
      }),
  ],
  ['a grant token', async () => (await openedGrant(world)).session.credentials.token],
  ['a person’s access token without its proof', async () => world.people.ada.tokens().access],
  ['a refresh token', async () => world.people.ada.tokens().refresh],
])('%s is no sign-in', async (_, token) => {
  const text = await token();
  for (const scheme of ['Bearer', 'DPoP']) {
    const answer = await call('/v1/me', { authorization: `${scheme} ${text}` });
    expect([answer.status, answer.body.code]).toEqual([401, 'not-signed-in']);
    expect(JSON.stringify(answer.body) + world.lines.join('')).not.toContain(text);
  }
});

test('a proof serves once, for its method, its path and its token alone', async () => {
  const { ada, maya } = world.people;
  const { access } = ada.tokens();
  const proof = (more: Partial<Parameters<typeof dpopProof>[0]> = {}) =>
    dpopProof({
      ...ada.key,
      method: 'GET',
      url: `${world.url}/v1/me`,
      accessToken: access,
      nowMs: world.clock.nowMs(),
      ...more,
    });
  const first = await proof();
  const authorization = `DPoP ${access}`;
  expect((await call('/v1/me', { authorization, dpop: first })).status).toBe(200);
  const bad = [
    first,
    await proof({ method: 'POST' }),
    await proof({ url: `${world.url}/v1/catalog` }),
    await proof({ url: 'http://elsewhere.example/v1/me' }),
    await proof({ accessToken: maya.tokens().access }),
    await proof(maya.key),
    await proof({ nowMs: world.clock.nowMs() - 120_000 }),
  ];
  for (const dpop of bad) expect((await call('/v1/me', { authorization, dpop })).status).toBe(401);
});

test('a Host or forwarding header changes neither who calls nor what a proof is for', async () => {
  const { ada } = world.people;
  const { access } = ada.tokens();
  const dpop = await dpopProof({
    ...ada.key,
    method: 'GET',
    url: 'http://evil.example/v1/me',
    accessToken: access,
    nowMs: world.clock.nowMs(),
  });
  const forged = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.9',
    forwarded: 'for=203.0.113.9',
    'x-forwarded-user': 'ada',
  };
  expect((await call('/v1/me', { ...forged, authorization: `DPoP ${access}`, dpop })).status).toBe(401);
  await ada.send('GET', '/v1/me', undefined, forged);
  const last = JSON.parse(world.lines.at(-1) ?? '{}');
  expect(last).toMatchObject({ route: '/v1/me', address: '127.0.0.1', person: ada.id });
});

test('a sign-in goes to no other host, and its state works once', async () => {
  const query = { code_challenge: 'A'.repeat(43), state: 's', dpop_jkt: 'A'.repeat(43) };
  for (const redirect_uri of [
    'https://evil.example/callback',
    'http://127.0.0.1:1@evil.example/callback',
    'http://localhost.evil.example:1/callback',
  ]) {
    const answer = await fetch(`${world.url}/v1/sign-in?${new URLSearchParams({ ...query, redirect_uri })}`, {
      redirect: 'manual',
    });
    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  }
  const used = await fetch(`${world.url}/v1/sign-in/callback?code=x&state=unknown`, {
    redirect: 'manual',
    headers: { accept: 'text/html' },
  });
  expect(used.status).toBe(401);
  expect(used.headers.get('content-type')).toMatch(/^text\/html/);
  expect(await used.text()).toContain('You are not signed in');
});

test('a refresh token that is shown twice ends its sign-in everywhere', async () => {
  const person = await signIn(world, 'otto');
  const { refresh } = person.tokens();
  const body = { grant_type: 'refresh_token', refresh_token: refresh };
  expect((await trade(world, person.key, body)).status).toBe(200);
  expect((await trade(world, person.key, body)).status).toBe(401);
  expect((await person.get('/v1/me')).status).toBe(401);
});

test('what is somebody else’s is not found, on every route that takes an id', async () => {
  const { otto, noor } = world.people;
  const { request, grant } = await openedGrant(world);
  const before = (await world.broker.store.head())?.size;
  const calls: readonly (readonly [string, string, unknown?])[] = [
    ['GET', `/v1/requests/${request}`],
    ['GET', `/v1/requests/${request}/timeline`],
    ['POST', `/v1/requests/${request}/statements`, { verdict: 'approve' }],
    ['POST', `/v1/requests/${request}/withdrawal`],
    ['POST', `/v1/requests/${request}/nudges`],
    ['POST', `/v1/requests/${request}/break-glass-statements`, { verdict: 'justified' }],
    ['GET', `/v1/grants/${grant}`],
    ['POST', `/v1/grants/${grant}/sessions`, {}],
    ['POST', `/v1/grants/${grant}/end`],
    ['POST', `/v1/grants/${grant}/revocation`, { reason: 'Mine now' }],
  ];
  for (const [method, path, body] of calls) {
    const theirs = await otto.send(method, path, body, { 'idempotency-key': key() });
    const made = path
      .replace(request, 'r-01JZX3V5Q8M2N4P6R8T0V2W4Y6')
      .replace(grant, 'g-01JZX3V5Q8M2N4P6R8T0V2W4Y6');
    const nobodys = await otto.send(method, made, body, { 'idempotency-key': key() });
    expect([path, theirs.status, theirs.body.code]).toEqual([path, 404, 'not-found']);
    expect({ ...theirs.body, instance: '' }).toEqual({ ...nobodys.body, instance: '' });
  }
  expect((await world.broker.store.head())?.size).toBe(before);
  expect((await noor.get(`/v1/requests/${request}`)).status).toBe(200);
  expect((await otto.get('/v1/requests')).body.items).toEqual([]);
  expect((await noor.get('/v1/requests')).body.items.length).toBeGreaterThan(0);
});

test.each(['/v1/log/entries', '/v1/log/checkpoint', '/v1/log/tile/0/000', '/v1/log/attachments/sha256:00'])(
  '%s is for auditors and administrators',
  async (path) => {
    const { maya, tomas, otto, noor, ada } = world.people;
    for (const person of [maya, tomas, otto]) {
      expect((await person.get(path)).body).toMatchObject({ status: 403, rule: 'log-reader-is-entitled' });
    }
    for (const person of [noor, ada]) expect((await person.get(path)).status).not.toBe(403);
  },
);

test('proposals of a policy do not exist for those who cannot sign them', async () => {
  const { ada, maya, noor } = world.people;
  const text = policyText.replace('at_most: 8h', 'at_most: 4h');
  const { proposal } = must(await ada.post('/v1/policy/proposals', { text, scopes: {} }), 201);
  const path = `/v1/policy/proposals/${proposal}`;
  const { statement } = must(await ada.post(`${path}/statements`), 200);
  expect((await maya.post(`${path}/statements`)).body.code).toBe('not-found');
  expect((await maya.post(`${path}/signatures`, { statement, totp: maya.code() })).body.code).toBe(
    'not-found',
  );
  expect((await maya.get('/v1/policy')).body).toMatchObject({ text: policyText, proposals: [] });
  expect((await noor.get('/v1/policy')).body.proposals).toMatchObject([{ proposal, needed: 2, signers: [] }]);
});

test('a group that was taken away counts at the request, at the review and at the opening', async () => {
  const { maya, tomas } = world.people;
  const pending = await ask(world);
  const toOpen = await approve(tomas, (await ask(world)).request);
  world.provider.setGroups('tomas', []);
  const review = await tomas.post(`/v1/requests/${pending.request}/statements`, { verdict: 'approve' });
  world.provider.setGroups('tomas', ['leads']);
  // Without the group the request is not even there for him.
  expect(review.body.code).toBe('not-found');
  world.provider.setGroups('maya', []);
  const opening = await open(maya, toOpen.grants[0].grant);
  const asking = await maya.post('/v1/requests', {
    entitlement: 'look',
    duration_seconds: 600,
    justification: 'x',
    totp: maya.code(),
  });
  world.provider.setGroups('maya', ['eng']);
  expect([opening.body.rule, asking.body.rule]).toEqual(['requester-is-eligible', 'requester-is-eligible']);
});

test('a code works once, unpadded, and five wrong ones close the door for a quarter of an hour', async () => {
  const { ines } = world.people;
  const asks = (totp: string) => ines.post(`/v1/people/${world.people.otto.id}/vouchers`, { totp });
  const code = ines.code();
  expect((await asks(` ${code}`)).body.code).toBe('malformed-input');
  expect((await asks(code)).status).toBe(201);
  expect((await asks(code)).body.code).toBe('factor-wrong');
  for (let tried = 1; tried < 5; tried++) expect((await asks('000000')).body.code).toBe('factor-wrong');
  const throttled = await asks(ines.code());
  expect([throttled.status, throttled.body.code, throttled.headers.get('retry-after')]).toEqual([
    429,
    'factor-throttled',
    '900',
  ]);
  world.clock.advance(16 * 60_000);
  expect((await asks(ines.code())).status).toBe(201);
});

test('a stolen sign-in alone enrols nothing, and a recovery code makes no reviewer for a day', async () => {
  const otto = await signIn(world, 'otto');
  const alone = await otto.post('/v1/factors', { label: 'mine' });
  expect(alone.status).not.toBe(500);
  if (alone.status === 201) {
    otto.useSecret(alone.body.secret);
    const done = await otto.post(`/v1/factors/${alone.body.factor}/confirmation`, { code: otto.code() });
    expect(done.status).toBeGreaterThanOrEqual(400);
  }
  const { tomas, ada } = world.people;
  const voucher = must(await ada.post(`/v1/people/${otto.id}/vouchers`, { totp: ada.code() }), 201);
  const stolen = await tomas.post('/v1/factors', { label: 'x', enrolment_code: voucher.enrolment_code });
  expect(stolen.body.code).toBe('factor-wrong');
  const recovery = await enrol(otto, voucher.enrolment_code);
  world.provider.setGroups('otto', ['leads']);
  const begun = must(await otto.post('/v1/factors', { label: 'new', recovery_code: recovery[0] }), 201);
  otto.useSecret(begun.secret);
  must(await otto.post(`/v1/factors/${begun.factor}/confirmation`, { code: otto.code() }), 200);
  const { request } = await ask(world);
  const sign = async () => {
    const statement = await statementFor(otto, request);
    return (await otto.post(`/v1/requests/${request}/reviews`, { statement, totp: otto.code() })).body;
  };
  expect(await sign()).toMatchObject({ rule: 'recovered-factor-is-vouched' });
  const vouched = { factor: begun.factor, totp: ada.code() };
  must(await ada.post(`/v1/people/${otto.id}/recovery-vouchers`, vouched), 201);
  expect(await sign()).toMatchObject({ rule: 'recovered-factor-rests-a-day' });
  world.provider.setGroups('otto', []);
});

test('without a code a step says what it needs, as RFC 9470 does', async () => {
  const answer = await world.people.maya.post('/v1/requests', {
    entitlement: 'look',
    duration_seconds: 600,
    justification: 'x',
  });
  expect([answer.status, answer.body.code]).toEqual([401, 'step-up-needed']);
  expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_user_authentication"');
});

test('introspection answers only the target whose token it is, and only with its secret', async () => {
  const { session } = await openedGrant(world);
  const { token } = session.credentials;
  expect((await introspect(world, token, 'a wrong secret of some length')).status).toBe(401);
  const bare = await fetch(`${world.url}/grants/introspect`, {
    method: 'POST',
    body: new URLSearchParams({ token }),
  });
  expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="countersign"']);
  expect((await introspect(world, 'nonsense')).body).toEqual({ active: false });
  const twice = await fetch(`${world.url}/grants/introspect`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `token=nonsense&token=${token}`,
  });
  expect(twice.status).toBe(400);
  const discovery = await (await fetch(`${world.url}/.well-known/oauth-authorization-server/grants`)).json();
  expect(discovery.issuer).toBe(`${world.url}/grants`);
  const { keys } = await (await fetch(discovery.jwks_uri)).json();
  expect(keys.every((jwk: object) => !('d' in jwk))).toBe(true);
});

test('refused attempts are written down, but no more than thirty in an hour', async () => {
  const { maya } = world.people;
  const { request } = await ask(world);
  const before = (await world.broker.store.head())?.size ?? 0;
  for (let attempt = 0; attempt < 40; attempt++)
    await maya.post(`/v1/requests/${request}/statements`, { verdict: 'approve' });
  expect(((await world.broker.store.head())?.size ?? 0) - before).toBeLessThanOrEqual(31);
});
