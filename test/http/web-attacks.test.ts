import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Broker } from '../../src/app/broker.ts';
import { findWebSignIn } from '../../src/app/person/web-sign-in-rows.ts';
import { logTail } from '../../src/app/sequencer/log-tail.ts';
import { httpApp } from '../../src/http/app.ts';
import { readAssets } from '../../src/http/asset-files.ts';
import { visitor } from '../../src/http/middleware/visitor.ts';
import { routes } from '../../src/http/route.ts';
import { type Browser, formTokenIn, newBrowser } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { COOKIE, webVisits } from './web-visits.ts';

let world: World;
const { at, cookieOf, signedIn, formTokenOf, island, whoIs } = webVisits(() => world);

beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.stop());

const CROSS_SITE = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
const SAME_SITE = { 'sec-fetch-site': 'same-site', origin: 'https://blog.example.com' };
const without = { 'sec-fetch-site': '', 'sec-fetch-mode': '', 'sec-fetch-dest': '' };

const entriesIn = async (): Promise<number> => (await world.broker.store.head())?.size ?? 0;

/** The form of the page that lets a machine in: a page like all of them. */
async function deviceForm(browser: Browser): Promise<{ readonly code: string; readonly form_token: string }> {
  const asked = await fetch(at('/v1/device-authorization'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ dpop_jkt: 'k'.repeat(43) }),
  });
  const { user_code } = (await asked.json()) as { user_code: string };
  const page = await browser.call(at(`/device?code=${user_code}`));
  return { code: user_code, form_token: formTokenIn(page) };
}

test('the sound form goes through', async () => {
  const browser = await signedIn('maya');
  const form = await deviceForm(browser);
  const page = await browser.call(at('/device'), { form });
  expect([page.status, page.text.includes('One step more')]).toEqual([200, true]);
});

test.each<readonly [string, Readonly<Record<string, string>>]>([
  ['another site', CROSS_SITE],
  ['another site, with this one’s origin made up', { 'sec-fetch-site': 'cross-site' }],
  ['a neighbour under the same domain', SAME_SITE],
  ['another origin, by a browser too old to say more', { ...without, origin: 'https://evil.example' }],
  ['nowhere, by a browser too old to say more', { ...without, origin: '' }],
  ['a page that hides where it is', { ...without, origin: 'null' }],
  ['a contradiction', { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }],
])('a form sent from %s does nothing, even with the right token', async (_, headers) => {
  const browser = await signedIn('maya');
  const form = await deviceForm(browser);
  const page = await browser.call(at('/device'), { form, headers });
  expect(page.status).toBe(401);
  expect(page.text).not.toContain('One step more');
});

test('a form of our own from an older browser, which says its origin alone, goes through', async () => {
  const browser = await signedIn('maya');
  const form = await deviceForm(browser);
  const page = await browser.call(at('/device'), { form, headers: { ...without, origin: world.url } });
  expect(page.status).toBe(200);
});

test.each<readonly [string, (own: string, other: string) => string]>([
  ['none', () => ''],
  ['another sign-in’s', (_, other) => other],
  ['half of the right one', (own) => own.slice(0, 20)],
])('a form from our own origin with %s for a token does nothing', async (_, token) => {
  const [browser, other] = [await signedIn('maya'), await signedIn('maya')];
  const form = await deviceForm(browser);
  const form_token = token(form.form_token, await formTokenOf(other));
  const page = await browser.call(at('/device'), { form: { ...form, form_token } });
  expect(page.status).toBe(401);
});

test('each answer shows the form’s token under another mask: either is taken, and one that was changed is not', async () => {
  const browser = await signedIn('maya');
  const forms = [await deviceForm(browser), await deviceForm(browser), await deviceForm(browser)];
  const tokens = forms.map(({ form_token }) => Buffer.from(form_token, 'base64url'));
  expect(tokens.map(({ length }) => length)).toEqual([64, 64, 64]);
  // No byte of one stands in its place in the others, but by chance: a page that is compressed repeats nothing of it.
  const alike = (one: Buffer, other: Buffer) => one.filter((byte, place) => byte === other[place]).length;
  for (const [at, token] of tokens.entries()) {
    expect(alike(token, tokens.at(at - 1) ?? token)).toBeLessThan(8);
    expect(token.subarray(0, 32)).not.toEqual(token.subarray(32));
  }
  const [first, second, third] = forms;
  for (const form of [first, second]) {
    expect((await browser.call(at('/device'), { form: { ...form } })).status).toBe(200);
  }
  const changed = Buffer.from(third?.form_token ?? '', 'base64url');
  changed[40] = (changed[40] ?? 0) ^ 1;
  const bare = (await findWebSignIn(world.broker, cookieOf(browser)))?.formToken ?? '';
  for (const form_token of [
    changed.toString('base64url'),
    bare,
    changed.subarray(32).toString('base64url'),
  ]) {
    expect((await browser.call(at('/device'), { form: { ...third, form_token } })).status).toBe(401);
    const headers = { 'x-form-token': form_token };
    expect((await island(browser, 'GET', '/v1/me', { headers })).status).toBe(401);
  }
  expect((await island(browser, 'GET', '/v1/me')).status).toBe(200);
});

test('signing somebody out from another site does nothing', async () => {
  const browser = await signedIn('maya');
  const form = { form_token: await formTokenOf(browser) };
  expect((await browser.call(at('/sign-out'), { form, headers: CROSS_SITE })).status).toBe(401);
  expect((await browser.call(at('/sign-out'), { form: { form_token: 'x' } })).status).toBe(401);
  expect((await browser.call(at('/sign-out'))).status).toBe(404);
  expect(await whoIs(browser)).toBe('Maya Okafor');
});

test('the cookie alone calls nothing of the API, not even to look', async () => {
  const browser = await signedIn('maya');
  const before = await entriesIn();
  const json = { headers: { 'content-type': 'application/json' }, body: '{"ticket":"INC-7","title":"t"}' };
  expect((await browser.call(at('/v1/me'))).status).toBe(401);
  expect((await browser.call(at('/v1/tickets'), { method: 'POST', ...json })).status).toBe(401);
  expect((await island(browser, 'GET', '/v1/me', { headers: { 'x-form-token': '' } })).status).toBe(401);
  expect((await island(browser, 'GET', '/v1/me', { headers: { 'x-form-token': 'guess' } })).status).toBe(401);
  expect((await island(browser, 'GET', '/v1/me', { headers: CROSS_SITE })).status).toBe(401);
  expect(await entriesIn()).toBe(before);
  expect(await whoIs(browser)).toBe('Maya Okafor');
});

test('a text/plain body that is JSON, as a form of another site can send it, is refused', async () => {
  const browser = await signedIn('maya');
  const headers = { 'content-type': 'text/plain', 'x-form-token': await formTokenOf(browser) };
  const body = '{"ticket":"INC-8","title":"t"}';
  expect((await browser.call(at('/v1/tickets'), { method: 'POST', headers, body })).status).toBe(400);
});

test('a token that is wrong is not made good by a cookie beside it', async () => {
  const browser = await signedIn('maya');
  const wrong = { authorization: 'DPoP ca_wrong', dpop: 'wrong' };
  expect((await island(browser, 'GET', '/v1/me', { headers: wrong })).status).toBe(401);
});

test('nothing answers a preflight, and no answer is for another origin', async () => {
  const preflight = await fetch(at('/v1/me'), {
    method: 'OPTIONS',
    headers: {
      origin: 'https://evil.example',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'x-form-token',
    },
  });
  expect(preflight.ok).toBe(false);
  for (const path of ['/v1/me', '/device', '/sign-in/with/corp', '/docs', '/signed-out']) {
    const answer = await fetch(at(path), { redirect: 'manual', headers: { origin: 'https://evil.example' } });
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
});

test('a page for somebody is not framed, embedded or read from elsewhere; a link from anywhere opens it', async () => {
  const browser = await signedIn('maya');
  const embedded = [
    { ...CROSS_SITE, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
    { ...CROSS_SITE, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { ...CROSS_SITE, 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
  ];
  for (const headers of embedded) {
    expect((await browser.call(at('/device'), { headers })).status).toBe(401);
  }
  const link = { ...CROSS_SITE, 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  expect((await browser.call(at('/device'), { headers: link })).status).toBe(200);
});

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

test('every page, also a refusal, has the one policy: no inline script, no frame, nothing kept', async () => {
  const browser = await signedIn('maya');
  for (const path of ['/device', '/device?code=BCDF-BCDF', '/signed-out', '/sign-in/with/nobody', '/v1/me']) {
    const { headers, text } = await browser.call(at(path));
    expect(headers.get('content-security-policy')).toBe(POLICY);
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    // With `no-referrer` a browser would say `Origin: null` on our own forms.
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|javascript:/i);
  }
});

test('what a machine tells of itself is shown as text', async () => {
  const asked = await fetch(at('/v1/device-authorization'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': '<script>alert(1)</script>"\'' },
    body: JSON.stringify({ dpop_jkt: 'k'.repeat(43) }),
  });
  const { user_code } = (await asked.json()) as { user_code: string };
  const page = await (await signedIn('maya')).call(at(`/device?code=${user_code}`));
  expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  const typed = await (await signedIn('maya')).call(at('/device?code=%22%3E%3Cscript%3E'));
  expect(typed.text).toContain('value="&quot;&gt;&lt;script&gt;"');
});

/** The same broker, as if it were reached over TLS. */
function overTls(): (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response> {
  const broker: Broker = { ...world.broker, publicUrl: 'https://countersign.example.com' };
  const app = httpApp(broker, partsOf(broker));
  return async (path, headers = {}) => app.request(`https://countersign.example.com${path}`, { headers });
}

const partsOf = (broker: Broker): Parameters<typeof httpApp>[1] => ({
  assets: readAssets(),
  tail: logTail(broker),
  logger: { info: () => undefined, error: () => undefined },
  trustedProxies: [],
  grantTokens: {
    jwks: () => ({}),
    discovery: () => ({}),
    discoveryPath: '/.well-known/none',
    introspect: async () => undefined,
  },
  parsePolicy: async () => ({ policy: undefined, mistakes: [], catalogue: null }),
  namedScopes: () => new Map(),
  sayActions: async () => new Map(),
});

test('over TLS the cookie is bound to this host, and kept from scripts, other sites and plain HTTP', async () => {
  const begun = await overTls()('/sign-in/with/corp');
  const [line = ''] = begun.headers.getSetCookie();
  expect(line).toMatch(
    /^__Host-countersign-beginning=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  expect(begun.headers.get('strict-transport-security')).toBe('max-age=31536000');
});

test('over TLS a cookie without the prefix, which a neighbour could have planted, is nobody’s', async () => {
  const browser = await signedIn('maya');
  const call = overTls();
  const headers = { 'x-form-token': await formTokenOf(browser), 'sec-fetch-site': 'same-origin' };
  const cookie = `${COOKIE}=${cookieOf(browser)}`;
  expect((await call('/v1/me', { ...headers, cookie })).status).toBe(401);
  expect((await call('/v1/me', { ...headers, cookie: `__Host-${cookie}` })).status).toBe(200);
});

test('a page that was not signed in for leads to the sign-in, and back to itself alone', async () => {
  const page = await newBrowser().call(at('/device?code=BCDF-BCDF&x=//evil'));
  expect(page.status).toBe(303);
  expect(page.headers.get('location')).toBe(
    `/sign-in?${new URLSearchParams({ return_to: '/device?code=BCDF-BCDF&x=//evil' })}`,
  );
  expect((await newBrowser().call(at('/device'), { form: { code: 'x' } })).status).toBe(401);
});

test('headers that name somebody, or another host, sign nobody in and lead nowhere', async () => {
  const claimed = {
    'x-forwarded-user': 'maya',
    'x-forwarded-email': 'maya@example.com',
    'remote-user': 'maya',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'https',
    forwarded: 'host=evil.example',
  };
  const browser = newBrowser();
  expect((await browser.call(at('/v1/me'), { headers: claimed })).status).toBe(401);
  const begun = await browser.call(at('/sign-in/with/corp'), { headers: claimed });
  const asked = new URL(begun.headers.get('location') ?? '').searchParams;
  expect(asked.get('redirect_uri')).toBe(`${world.url}/v1/sign-in/callback`);
  expect(begun.headers.getSetCookie()[0]).not.toContain('evil');
});

test('a page may say which of its calls work while the provider is down', async () => {
  const app = routes();
  app.use('/pages/*', visitor(world.broker, {}));
  app.get('/pages/who', (c) => c.text(c.get('caller').actor.person));
  const browser = await signedIn('maya');
  const answer = await app.request(at('/pages/who'), {
    headers: { cookie: `${COOKIE}=${cookieOf(browser)}`, 'sec-fetch-site': 'none' },
  });
  expect(await answer.text()).toBe(world.people.maya.id);
});
