import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ErrorCode } from '../../src/domain/errors.ts';
import { problemKinds } from '../../src/http/problem.ts';
import { startWorld, type World } from './harness.ts';
import { must, openedGrant, openTicket } from './story.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test('every answer forbids framing, sniffing, inline scripts and caching, a refused one too', async () => {
  for (const path of ['/', '/docs', '/v1/me', '/nowhere', '/healthz']) {
    const { headers } = await fetch(`${world.url}${path}`);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('set-cookie')).toBeNull();
    if (path.startsWith('/v1')) expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('the page of the API has every call and every problem, and no script', async () => {
  const page = await (await fetch(`${world.url}/docs`)).text();
  const document = await (await fetch(`${world.url}/openapi.json`)).json();
  expect(document.openapi).toBe('3.1.0');
  for (const path of Object.keys(document.paths)) expect(page).toContain(`<code>${path}</code>`);
  for (const code of Object.keys(problemKinds)) expect(page).toContain(`id="problem-${code}"`);
  expect(page).not.toMatch(/<script|style=|onclick/);
  for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(page).toContain(`id="${target}"`);
  expect((await fetch(`${world.url}/styles/docs.css`)).headers.get('content-type')).toMatch(/^text\/css/);
});

test('a problem’s type leads to where it is explained', async () => {
  const { type, instance } = await (await fetch(`${world.url}/v1/me`)).json();
  const explained = await fetch(type, { redirect: 'manual' });
  expect([explained.status, explained.headers.get('location')]).toEqual([303, '/docs#problem-not-signed-in']);
  expect(instance).toMatch(/^q-/);
});

test('every kind of failure has a status of its class', () => {
  for (const code of Object.keys(problemKinds) as ErrorCode[]) {
    expect(problemKinds[code].status).toBeGreaterThanOrEqual(400);
    expect(problemKinds[code].status).toBeLessThan(600);
  }
});

test('it says whether it lives and whether it can write', async () => {
  expect(await (await fetch(`${world.url}/healthz`)).json()).toEqual({ status: 'ok' });
  expect(await (await fetch(`${world.url}/readyz`)).json()).toEqual({ status: 'ready', reason: null });
});

test.each(['OPTIONS', 'PUT'])(
  '%s on a call is answered with nothing but not found or not signed in',
  async (method) => {
    const answer = await fetch(`${world.url}/v1/requests`, {
      method,
      headers: { origin: 'https://evil.example' },
    });
    expect([401, 404]).toContain(answer.status);
    expect(answer.headers.get('access-control-allow-methods')).toBeNull();
  },
);

test('HEAD begins no sign-in', async () => {
  const query = new URLSearchParams({
    redirect_uri: 'http://127.0.0.1:1/callback',
    code_challenge: 'A'.repeat(43),
    state: 's',
    dpop_jkt: 'A'.repeat(43),
  });
  const answer = await fetch(`${world.url}/v1/sign-in?${query}`, { method: 'HEAD', redirect: 'manual' });
  expect(answer.status).toBe(404);
});

test('an auditor reads the log byte for byte, and its tiles agree with it', async () => {
  const { noor } = world.people;
  await openedGrant(world);
  const { items, size } = must(await noor.get('/v1/log/entries?from=0&limit=3'), 200);
  expect(items.map((item: { seq: number }) => item.seq)).toEqual([0, 1, 2]);
  expect(JSON.parse(items[0].bytes)).toMatchObject({
    type: 'countersign.log.genesis.v1',
    seq: expect.any(String),
  });
  const checkpoint = await noor.get('/v1/log/checkpoint');
  expect(checkpoint.body.split('\n').slice(0, 2)).toEqual(['log.example.com/http-tests', String(size)]);
  const bundle = await noor.get('/v1/log/tile/entries/000.p/3');
  expect(bundle.body).toContain(items[2].bytes);
  expect((await noor.get('/v1/log/tile/0/000.p/3')).status).toBe(200);
  expect((await noor.get('/v1/log/tile/entries/999')).status).toBe(404);
  expect((await noor.get('/v1/log/tile/../../etc/passwd')).status).toBe(404);
  const { digest } = (await noor.get('/v1/policy')).body;
  expect((await noor.get(`/v1/log/attachments/${digest}`)).status).toBe(200);
});

test('me, the catalogue, people and tickets say what is so', async () => {
  const { maya, tomas, otto } = world.people;
  expect((await maya.get('/v1/me')).body).toMatchObject({
    person: maya.id,
    display_name: 'Maya Okafor',
    groups: ['engineers'],
    factors: [{ label: 'phone' }],
  });
  const seen = (await otto.get('/v1/catalog')).body.items.find(
    (item: { entitlement: string }) => item.entitlement === 'repair',
  );
  expect(seen).toMatchObject({
    eligible: false,
    because: expect.stringContaining('engineers'),
    ticket: { project: 'INC' },
  });
  const { items } = must(await maya.get('/v1/people?name=tom'), 200);
  expect(items).toEqual([{ person: tomas.id, display_name: 'Tomas Lind', issuer: 'corp' }]);
  const ticket = await openTicket(world);
  const closed = must(
    await tomas.send('PATCH', `/v1/tickets/${ticket}`, { state: 'closed', remove_responders: [maya.id] }),
    200,
  );
  expect(closed).toMatchObject({
    state: 'closed',
    responders: [],
    creator: { display_name: 'Tomas Lind' },
    entries: [expect.any(Number)],
  });
});

test('the log of calls holds no token, no proof, no code and no query', async () => {
  const { maya } = world.people;
  const { session } = await openedGrant(world);
  await maya.get('/v1/people?name=Tomas');
  const text = world.lines.join('');
  for (const secret of [
    session.credentials.token,
    maya.tokens().access,
    maya.tokens().refresh,
    'name=Tomas',
    'code_challenge',
  ]) {
    expect(text).not.toContain(secret);
  }
  expect(JSON.parse(world.lines.at(-1) ?? '{}')).toMatchObject({
    msg: 'request',
    method: 'GET',
    route: '/v1/people',
    status: 200,
  });
});

test('signing out ends the sign-in at once', async () => {
  const { otto } = world.people;
  const { access } = otto.tokens();
  expect((await otto.post('/v1/sign-out')).status).toBe(204);
  expect(otto.tokens().access).toBe(access);
  expect((await otto.get('/v1/me')).status).toBe(401);
});
