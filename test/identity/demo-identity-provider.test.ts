import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { signInAs } from '../../src/demo/sign-in-as.ts';

const redirectUri = 'http://127.0.0.1:40000/callback';
let demo: DemoIdentityProvider;
let authorization: string;

beforeAll(async () => {
  demo = await startDemoIdentityProvider({
    port: 0,
    people: [
      { username: 'eve', name: '<script>alert(1)</script>', groups: ['"a"'], email: 'eve@example.com' },
    ],
    clients: [{ client_id: 'c', redirect_uris: [redirectUri] }],
  });
  const parameters = {
    client_id: 'c',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 's',
  };
  const pkce = { code_challenge: 'A'.repeat(43), code_challenge_method: 'S256' };
  authorization = `${demo.issuer}/auth?${new URLSearchParams({ ...parameters, ...pkce })}`;
});
afterAll(() => demo.stop());

/** The page as a browser sees it: the first redirect followed, with its cookies. */
async function loginPage(): Promise<string> {
  const begun = await fetch(authorization, { redirect: 'manual' });
  const cookie = begun.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
  const page = await fetch(new URL(begun.headers.get('location') ?? '', demo.issuer), {
    headers: { cookie },
  });
  return page.text();
}

test('the page says that it is a demo, and shows names as text', async () => {
  const page = await loginPage();
  expect(page).toContain('Demo, not for production');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toContain('<script>');
});

test('picking somebody leads back to the client, picking nobody known does not', async () => {
  const end = new URL(await signInAs(authorization, 'eve'));
  expect(`${end.origin}${end.pathname}`).toBe(redirectUri);
  expect(end.searchParams.get('state')).toBe('s');
  await expect(signInAs(authorization, 'mallory')).rejects.toThrow('mallory');
});

test('a redirect address that was not registered is shown as an error, not followed', async () => {
  const elsewhere = authorization.replace('40000', '40001');
  const response = await fetch(elsewhere, { redirect: 'manual' });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('Demo, not for production');
});

test('a login page that belongs to no sign-in is refused', async () => {
  const response = await fetch(`${demo.issuer}/interaction/none`, { method: 'POST', body: 'username=eve' });
  expect(response.status).toBe(400);
});

test('somebody who is not there can be given no groups', () => {
  expect(() => demo.setGroups('mallory', [])).toThrow(RangeError);
  expect(() => demo.disable('mallory')).toThrow(RangeError);
});
