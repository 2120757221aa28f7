import { expect, onTestFinished, test } from 'vitest';
import { listenForCode } from '../../src/cli/account/loopback.ts';

test('of two codes with our state the first is taken, and the second is told that it came late', async () => {
  const { redirectUri, code, close } = await listenForCode('our-state', new AbortController().signal);
  onTestFinished(close);
  const first = await fetch(`${redirectUri}?code=first&state=our-state`);
  const second = await fetch(`${redirectUri}?code=second&state=our-state`);
  expect([first.status, second.status]).toEqual([200, 410]);
  expect(await code).toBe('first');
});

test('its pages repeat nothing of the call and let nothing be loaded', async () => {
  const { redirectUri, close } = await listenForCode('our-state', new AbortController().signal);
  onTestFinished(close);
  const stray = await fetch(`${redirectUri}?code=%3Cscript%3E&state=%3Cscript%3E`);
  expect(await stray.text()).not.toContain('script');
  expect(stray.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(stray.headers.get('cache-control')).toBe('no-store');
});

test('an empty or overlong code, and a state that only begins like ours, are taken for strays', async () => {
  const { redirectUri, close } = await listenForCode('our-state', new AbortController().signal);
  onTestFinished(close);
  const queries = [
    'code=&state=our-state',
    `code=${'a'.repeat(501)}&state=our-state`,
    'code=a&state=our',
    'code=a',
    '',
  ];
  const statuses = await Promise.all(
    queries.map(async (query) => (await fetch(`${redirectUri}?${query}`)).status),
  );
  expect(statuses).toEqual(queries.map(() => 400));
});

test('when it is aborted, whoever waits for the code is told why', async () => {
  const controller = new AbortController();
  const { code, close } = await listenForCode('our-state', controller.signal);
  onTestFinished(close);
  controller.abort(new Error('enough'));
  await expect(code).rejects.toThrow('enough');
  const aborted = await listenForCode('our-state', controller.signal);
  onTestFinished(aborted.close);
  await expect(aborted.code).rejects.toThrow('enough');
});
