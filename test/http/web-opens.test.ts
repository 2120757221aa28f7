import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Browser, formTokenIn, type Page } from './browser.ts';
import { startWorld, type World } from './harness.ts';
import { approve, ask, introspect } from './story.ts';
import { conformant, typesSince, verdictOn } from './verdict.ts';
import { webVisits } from './web-visits.ts';

let world: World;
const { at, signedIn, formTokenOf, island } = webVisits(() => world);
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world.stop());

const size = async (): Promise<number> => (await world.broker.store.head())?.size ?? 0;

async function approved(more: Record<string, unknown> = {}): Promise<string> {
  const { request } = await ask(world, more);
  const { grants } = await approve(world.people.tomas, request);
  return String(grants[0].grant);
}

const onceIn = ({ text }: Page, grant: string): string =>
  new RegExp(`action="/access/${grant}/sessions".*?name="once" value="([^"]+)"`, 's').exec(text)?.[1] ?? '';

async function formFor(browser: Browser, grant: string) {
  const page = await browser.call(at('/access'));
  return { form_token: formTokenIn(page), once: onceIn(page, grant) };
}

const send = (
  browser: Browser,
  grant: string,
  form: Record<string, string>,
  headers: Record<string, string> = {},
) => browser.call(at(`/access/${grant}/sessions`), { form, headers });

const tokenIn = ({ text }: Page): string =>
  /export COUNTERSIGN_TOKEN=(?:'|&#39;)([\w.-]+)/.exec(text)?.[1] ?? '';

describe('a session that a page opens', () => {
  test('is shown once under the one policy, kept by nobody, and refused once it was ended', async () => {
    const browser = await signedIn('maya');
    const grant = await approved();
    const form = { ...(await formFor(browser, grant)), totp: world.people.maya.code() };
    const page = await send(browser, grant, form);
    expect(page.status).toBe(200);
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    const token = tokenIn(page);
    expect((await introspect(world, token)).body.active).toBe(true);
    // As text alone: no attribute of any element has it.
    expect(page.text.replaceAll(/>[^<]*</g, '><')).not.toContain(token);
    expect(page.text.split(token)).toHaveLength(3);

    const entries: string[] = [];
    for await (const bytes of world.broker.store.entries(0, await size()))
      entries.push(Buffer.from(bytes).toString('utf8'));
    const signature = token.split('.')[2] ?? token;
    expect(signature.length).toBeGreaterThan(40);
    expect(entries.join('\n')).not.toContain(signature);
    expect(world.lines.join('\n')).not.toContain(signature);

    const ended = await browser.call(at(`/access/${grant}/end`), {
      form: { form_token: formTokenIn(page) },
    });
    expect(ended.status).toBe(303);
    expect((await introspect(world, token)).body.active).toBe(false);
  });

  test('is opened once, however often its form is sent, whatever code is in it', async () => {
    const browser = await signedIn('maya');
    const grant = await approved();
    const form = { ...(await formFor(browser, grant)), totp: world.people.maya.code() };
    const token = tokenIn(await send(browser, grant, form));
    expect(token).not.toBe('');
    const before = await size();
    for (const totp of [form.totp, world.people.maya.code(), '']) {
      const again = await send(browser, grant, { ...form, totp });
      expect([again.status, again.text.includes('its secret is not shown twice')]).toEqual([422, true]);
      expect(again.text).not.toContain(token);
    }
    expect((await typesSince(world, before)).filter((type) => type.includes('session'))).toEqual([]);
  });

  test('is refused with what is wrong at the field; the code is not filled in again, and the next one opens', async () => {
    const browser = await signedIn('maya');
    const grant = await approved();
    // What was asked for with a code at a command line is not shown by this browser.
    const first = await send(browser, grant, await formFor(browser, grant));
    expect([first.status, first.text.includes('name="totp"')]).toEqual([422, true]);
    const again = { form_token: formTokenIn(first), once: onceIn(first, grant), totp: '000000' };
    const wrong = await send(browser, grant, again);
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('aria-invalid="true"');
    expect(wrong.text).not.toContain('000000');
    const right = { ...again, once: onceIn(wrong, grant), totp: world.people.maya.code() };
    expect(tokenIn(await send(browser, grant, right))).not.toBe('');
  });

  test('in AWS has its keys for a shell and for a profile, and its secret is in no entry and no log line', async () => {
    const browser = await signedIn('maya');
    const grant = await approved({ entitlement: 'ledger' });
    const form = { ...(await formFor(browser, grant)), totp: world.people.maya.code() };
    const page = await send(browser, grant, form);
    const [, secret = ''] = /aws_secret_access_key = (\S+)/.exec(page.text) ?? [];
    expect(secret).not.toBe('');
    expect(page.text).toContain('export AWS_SESSION_TOKEN=');
    expect(page.text.replaceAll(/>[^<]*</g, '><')).not.toContain(secret);
    for await (const bytes of world.broker.store.entries(0, await size()))
      expect(Buffer.from(bytes).toString('utf8')).not.toContain(secret);
    expect(world.lines.join('\n')).not.toContain(secret);
  });
});

describe('(20) nothing is opened by a form', () => {
  const attacks: readonly (readonly [
    string,
    number,
    (form: Record<string, string>) => [Record<string, string>, Record<string, string>],
  ])[] = [
    [
      'of another site',
      401,
      (form) => [form, { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ],
    ['without its token', 401, ({ form_token: _, ...form }) => [form, {}]],
    ['without its number', 400, ({ once: _, ...form }) => [form, {}]],
  ];
  test.each(attacks)('%s', async (_, status, change) => {
    const browser = await signedIn('maya');
    const grant = await approved();
    const form = { ...(await formFor(browser, grant)), totp: world.people.maya.code() };
    const before = await size();
    const page = await send(browser, grant, ...change(form));
    expect([page.status, tokenIn(page)]).toEqual([status, '']);
    expect(await typesSince(world, before)).toEqual([]);
  });

  test('for somebody else’s grant, which is not found', async () => {
    const grant = await approved();
    const mayas = await formFor(await signedIn('maya'), grant);
    const browser = await signedIn('ines');
    const form_token = await formTokenOf(browser);
    const form = { form_token, once: mayas.once, totp: world.people.ines.code() };
    const page = await send(browser, grant, form);
    expect([page.status, tokenIn(page)]).toEqual([404, '']);
  });

  test('for a grant that is over', async () => {
    const browser = await signedIn('maya');
    const grant = await approved();
    const { once } = await formFor(browser, grant);
    world.clock.advance(3_601_000);
    // At rest for so long, the browser is signed out; a new sign-in sends the old form.
    const fresh = await signedIn('maya');
    const form_token = await formTokenOf(fresh);
    const page = await send(fresh, grant, { form_token, once, totp: world.people.maya.code() });
    expect([page.status, tokenIn(page)]).toEqual([422, '']);
    expect(page.text).toContain('role="alert"');
  });
});

test('all that was decided is right', async () => {
  expect(await verdictOn(world)).toMatchObject(conformant);
});

test('where the configuration has no sessions in browsers, no page offers one, and no cookie gets one', async () => {
  const before = world;
  world = await startWorld({ sessionsInBrowsers: false });
  try {
    const browser = await signedIn('maya');
    const grant = await approved();
    const page = await browser.call(at('/access'));
    expect(page.text).toContain(grant);
    expect(onceIn(page, grant)).toBe('');
    const form = { form_token: formTokenIn(page), once: 'a'.repeat(24), totp: world.people.maya.code() };
    expect((await send(browser, grant, form)).status).toBe(404);
    const headers = { 'idempotency-key': 'by-a-script-of-ours' };
    const json = { totp: world.people.maya.code() };
    const path = `/v1/grants/${grant}/sessions`;
    expect((await island(browser, 'POST', path, { json, headers })).status).toBe(404);
    const opened = await world.people.maya.post(path, { totp: world.people.maya.code() }, headers);
    expect(opened.status).toBe(201);
  } finally {
    await world.stop();
    world = before;
  }
}, 60_000);
