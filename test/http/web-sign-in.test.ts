import { afterAll, beforeAll, expect, test } from 'vitest';
import { findWebSignIn } from '../../src/app/person/web-sign-in-rows.ts';
import { type Browser, newBrowser } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { COOKIE, webVisits } from './web-visits.ts';

const MINUTE_MS = 60_000;
let world: World;
const { at, cookieOf, signedIn, formTokenOf, island, whoIs, newest } = webVisits(() => world);

beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.stop());

test('a browser signs in through the provider and comes back to where it was going', async () => {
  const browser = newBrowser();
  const page = await browser.signIn(at('/sign-in/with/corp?return_to=/docs%3Fx%3D1'), 'maya');
  expect(page).toMatchObject({ url: at('/docs?x=1'), status: 200 });
  const me = JSON.parse((await island(browser, 'GET', '/v1/me')).text);
  expect(me).toMatchObject({ person: world.people.maya.id, display_name: 'Maya Okafor', issuer: 'corp' });
  const { data } = await newest('person.authenticated');
  expect(data).toMatchObject({ person: world.people.maya.id, way: 'browser', may: 'everything' });
});

test('a page says with its first bytes which style and scripts it needs, and what it says is there', async () => {
  const page = await newBrowser().call(at('/sign-in'));
  const needed = [
    ...page.text.matchAll(/<(?:link rel="stylesheet" href|script type="module" src)="([^"]+)"/g),
  ];
  const told = [...(page.headers.get('link') ?? '').matchAll(/<([^>]+)>/g)].map(([, path = '']) => path);
  expect(told.length).toBeGreaterThan(0);
  expect(told).toEqual(needed.map(([, path]) => path));
  for (const path of told) expect((await newBrowser().call(at(path))).status).toBe(200);
});

test('the store holds no cookie, only its hash', async () => {
  const browser = await signedIn('maya');
  const rows = await world.broker.store.secrets.ofPerson('web-sign-in', world.people.maya.id);
  expect(rows.length).toBeGreaterThan(0);
  const stored = rows.map(({ id, value }) => `${id} ${Buffer.from(value).toString('utf8')}`).join('\n');
  expect(stored).not.toContain(cookieOf(browser).slice(3));
});

test('the cookie is kept from scripts and other sites; on plain loopback without the prefix that needs TLS', async () => {
  const browser = newBrowser();
  const begun = await browser.call(at('/sign-in/with/corp'));
  const [line = ''] = begun.headers.getSetCookie();
  expect(line).toMatch(/^countersign-beginning=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
  expect(begun.headers.get('cache-control')).toBe('no-store');
});

test.each([
  ['//evil.example/', '/'],
  ['https://evil.example/', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['\\\\evil.example', '/'],
  ['/.//evil.example', '/'],
  ['javascript:alert(1)', '/'],
  ['/sign-out', '/'],
  ['/v1/me', '/'],
  ['evil', '/'],
  [`/${'a'.repeat(600)}`, '/'],
  ['/docs#there', '/docs'],
])('after the sign-in %s leads to %s', async (wanted, path) => {
  const query = new URLSearchParams({ return_to: wanted });
  const page = await newBrowser().signIn(at(`/sign-in/with/corp?${query}`), 'maya');
  expect(page.url).toBe(at(path));
});

test('a sign-in that somebody else began signs no other browser in', async () => {
  const attacker = newBrowser();
  const begun = await attacker.open(at('/sign-in/with/corp'));
  const [, action = ''] = /action="([^"]+)"/.exec(begun.text) ?? [];
  let page = await attacker.call(new URL(action, begun.url).href, { form: { username: 'double' } });
  while (!page.headers.get('location')?.startsWith(world.url)) {
    page = await attacker.call(new URL(page.headers.get('location') ?? '', page.url).href);
  }
  const victim = newBrowser();
  const answer = await victim.open(page.headers.get('location') ?? '', {
    headers: { 'sec-fetch-site': 'cross-site' },
  });
  expect(answer.status).toBe(401);
  expect(answer.text).toContain('begun in another browser');
  expect(cookieOf(victim)).toBe('');
  // Nor does it the attacker any more: it was answered.
  expect((await attacker.open(page.headers.get('location') ?? '')).status).toBe(401);
});

test('an answer that was used, or is of another state, signs nobody in', async () => {
  const browser = newBrowser();
  const done = await browser.open(at('/v1/sign-in/callback?code=c&state=nobody'));
  expect(done.status).toBe(401);
  expect(cookieOf(browser)).toBe('');
});

test('a cookie set before the sign-in is not the one after it', async () => {
  const browser = newBrowser();
  const planted = `cw_${'A'.repeat(43)}`;
  browser.setCookie(world.url, COOKIE, planted);
  await signedIn('maya', browser);
  expect(cookieOf(browser)).not.toBe(planted);
  expect(await whoIs(browser)).toBe('Maya Okafor');
  browser.setCookie(world.url, COOKIE, planted);
  expect(await whoIs(browser)).toBe(401);
});

test('signing in anew ends the sign-in before, and the log says so', async () => {
  const browser = await signedIn('maya');
  const before = cookieOf(browser);
  // Their visit at the provider is over, this one here is not.
  browser.forget(world.provider.issuer);
  await signedIn('tomas', browser);
  expect(await whoIs(browser)).toBe('Tomas Lind');
  expect(await findWebSignIn(world.broker, before)).toBeUndefined();
  expect((await newest('person.signed-out')).data).toMatchObject({
    person: world.people.maya.id,
    cause: 'replaced',
    by: { kind: 'broker' },
  });
});

test('a change gives the browser another cookie, and the one before is worth nothing soon', async () => {
  const browser = await signedIn('maya');
  const before = cookieOf(browser);
  const json = { ticket: 'INC-4', title: 'Rotation' };
  const ticket = await island(browser, 'POST', '/v1/tickets', { json });
  expect(ticket.status).toBe(201);
  expect(cookieOf(browser)).not.toBe(before);
  expect(await whoIs(browser)).toBe('Maya Okafor');
  const stolen = newBrowser();
  stolen.setCookie(world.url, COOKIE, before);
  expect(await whoIs(stolen)).toBe('Maya Okafor'); // what was under way is still answered
  world.clock.advance(11_000);
  expect(await whoIs(stolen)).toBe(401);
  expect(await whoIs(browser)).toBe('Maya Okafor');
});

test('a browser at rest for an hour is signed out, and one in use is not', async () => {
  const [used, rested] = [await signedIn('maya'), await signedIn('tomas')];
  world.clock.advance(40 * MINUTE_MS);
  expect(await whoIs(used)).toBe('Maya Okafor');
  world.clock.advance(40 * MINUTE_MS);
  expect(await whoIs(used)).toBe('Maya Okafor');
  expect(await whoIs(rested)).toBe(401);
  const { data } = await newest('person.signed-out');
  expect(data).toMatchObject({ person: world.people.tomas.id, cause: 'idle' });
});

test('a sign-in ends after twelve hours, however much it is used', async () => {
  const browser = await signedIn('maya');
  for (let hour = 0; hour < 11; hour++) {
    for (const minutes of [35, 25]) {
      world.clock.advance(minutes * MINUTE_MS);
      expect(await whoIs(browser)).toBe('Maya Okafor');
    }
  }
  world.clock.advance(59 * MINUTE_MS);
  expect(await whoIs(browser)).toBe('Maya Okafor');
  world.clock.advance(2 * MINUTE_MS);
  expect(await whoIs(browser)).toBe(401);
});

test('groups that were taken away since count at once', async () => {
  const browser = await signedIn('maya');
  world.provider.setGroups('maya', []);
  try {
    const { groups } = JSON.parse((await island(browser, 'GET', '/v1/me')).text);
    expect(groups).toEqual([]);
  } finally {
    world.provider.setGroups('maya', ['eng']);
  }
});

test('one sees where one is signed in, and ends it; what is another’s is not found', async () => {
  const [here, there, other] = [await signedIn('noor'), await signedIn('noor'), await signedIn('otto')];
  const list = async (browser: Browser) =>
    JSON.parse((await island(browser, 'GET', '/v1/sign-ins')).text).items;
  const own = await list(here);
  expect(own.map(({ way }: { way: string }) => way).toSorted()).toContain('browser');
  const [newestOne] = own;
  expect(newestOne).toMatchObject({
    way: 'browser',
    may: 'everything',
    is_this: false,
    address: '127.0.0.1',
  });
  const end = `/v1/sign-ins/${newestOne.sign_in}/end`;
  expect((await island(other, 'POST', end)).status).toBe(404);
  expect(await whoIs(there)).toBe('Noor Haddad');
  expect((await island(here, 'POST', end)).status).toBe(204);
  expect(await whoIs(there)).toBe(401);
  expect((await list(here)).length).toBe(own.length - 1);
  expect((await island(here, 'POST', end)).status).toBe(404);
});

test('signing out ends the cookie for good, and offers to end the provider’s own sign-in', async () => {
  const browser = await signedIn('ines');
  const [cookie, form_token] = [cookieOf(browser), await formTokenOf(browser)];
  const page = await browser.call(at('/sign-out'), { form: { form_token } });
  expect(page.status).toBe(200);
  expect(cookieOf(browser)).toBe('');
  browser.setCookie(world.url, COOKIE, cookie);
  expect(await whoIs(browser)).toBe(401);
  expect((await newest('person.signed-out')).data).toMatchObject({
    person: world.people.ines.id,
    cause: 'person',
  });
  const [, there = ''] = /<a href="([^"]+)">sign out there too/.exec(page.text) ?? [];
  const asked = await browser.open(there.replaceAll('&amp;', '&'));
  expect(asked.text).toContain('Sign out here too?');
  const [, action = ''] = /action="([^"]+)"/.exec(asked.text) ?? [];
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(asked.text) ?? [];
  const back = await browser.open(new URL(action, asked.url).href, { form: { xsrf, logout: 'yes' } });
  expect(back.url).toBe(at('/signed-out'));
});

test('the providers to choose from are told', async () => {
  const page = await newBrowser().call(at('/v1/sign-in/issuers'));
  expect(JSON.parse(page.text)).toEqual({ issuers: [{ name: 'corp' }] });
  expect((await newBrowser().call(at('/sign-in/with/another'))).status).toBe(404);
});
