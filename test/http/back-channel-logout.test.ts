import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { webVisits } from './web-visits.ts';

let world: World;
const { at, signedIn, whoIs, newest } = webVisits(() => world);

// A logout token lives for minutes by the provider's real clock: nobody may have turned ours.
beforeAll(async () => {
  world = await startWorld({ isEmpty: true });
}, 60_000);
afterAll(() => world.stop());

/** Signs a browser's person out at the provider, which tells the broker of it. */
async function signOutThere(browser: Browser): Promise<void> {
  const asked = await browser.open(`${world.provider.issuer}/session/end`);
  const [, action = ''] = /action="([^"]+)"/.exec(asked.text) ?? [];
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(asked.text) ?? [];
  await browser.open(new URL(action, asked.url).href, { form: { xsrf, logout: 'yes' } });
}

test('signing out at the provider ends every sign-in of that visit here', async () => {
  const [browser, bystander] = [await signedIn('ines'), await signedIn('ines')];
  const elsewhere = await signedIn('maya');
  await signOutThere(browser);
  expect(await whoIs(browser)).toBe(401);
  // Another visit at the provider, and another person's.
  expect(await whoIs(bystander)).toBe('Ines Duarte');
  expect(await whoIs(elsewhere)).toBe('Maya Okafor');
  expect((await newest('person.signed-out')).data).toMatchObject({
    cause: 'identity-provider',
    by: { kind: 'broker' },
  });
});

test('a logout token of nobody’s making is refused, and ends nothing', async () => {
  const browser = await signedIn('ines');
  const forged = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`;
  const answer = await fetch(at('/v1/sign-in/back-channel-logout'), {
    method: 'POST',
    body: new URLSearchParams({ logout_token: forged }),
  });
  expect([answer.status, await answer.json()]).toEqual([400, { error: 'invalid_request' }]);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(await whoIs(browser)).toBe('Ines Duarte');
});
