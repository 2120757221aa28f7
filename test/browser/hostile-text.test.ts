import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Name } from '../http/harness.ts';
import { policyText } from '../http/policy-text.ts';
import { approve, ask, must, openTicket, statementFor } from '../http/story.ts';
import { softwareAuthenticator } from '../passkey/software-authenticator.ts';
import { phone, picture, type Stage, startStage } from './stage.ts';

const MARKUP =
  '</script><script>document.title="ran"</script><img src=x onerror="document.title=\'ran\'"><b id="ran">bold</b>';
const TEMPLATES = '{{7*7}} ${7*7} <%= 7*7 %> #{7*7} %s &lt;b&gt; javascript:alert(1)';
const LONG_WORD = 'W'.repeat(300);
/** For fields that hold a paragraph, a line, and a name. */
const PARAGRAPH = `${MARKUP}\n${TEMPLATES}\n${LONG_WORD}\n“שלום” 𝕳`;
const REASON = PARAGRAPH.replaceAll('\n', ' ').slice(0, 500);
const LINE = `${MARKUP} ${TEMPLATES} ${'W'.repeat(60)}`.slice(0, 200);
const LABEL = '"><script>document.title="ran"</script>\' {{7*7}}';
const NAME = '<img src=x onerror=document.title="ran"> ${7*7}';
/** As the provider might send them: marks that turn the direction of text are left out of names. */
const SENT_NAME = `\u202e${NAME}\u2066`;

const policy = policyText
  .replace(
    'role: Look\n',
    `role: Look\n    parameters: { shard: { pattern: "^[a-z]{2}$", says: ${JSON.stringify(LINE)} } }\n`,
  )
  .replace('on: "orders/*", access: read', 'on: "orders/{shard}", access: read');

let stage: Stage;
const made = { waiting: '', granted: '', denied: '', emergency: '' };

beforeAll(async () => {
  stage = await startStage({
    policy,
    host: 'localhost',
    names: { maya: SENT_NAME, tomas: SENT_NAME, ada: SENT_NAME },
  });
  const { world } = stage;
  const { maya, tomas, ines, ada, bo, noor } = world.people;
  const justification = PARAGRAPH;
  made.waiting = (await ask(world, { justification })).request;
  made.granted = (await ask(world, { justification })).request;
  await approve(tomas, made.granted);
  made.denied = (await ask(world, { justification })).request;
  const statement = await statementFor(ines, made.denied, { verdict: 'deny' });
  const denial = { statement, totp: ines.code(), reason: PARAGRAPH };
  must(await ines.post(`/v1/requests/${made.denied}/reviews`, denial), 201);
  const number = await openTicket(world);
  must(await tomas.send('PATCH', `/v1/tickets/${number}`, { title: LINE }), 200);
  made.emergency = (
    await ask(world, { justification, ticket: number, break_glass: true, duration_seconds: 900 })
  ).request;
  const key = softwareAuthenticator({ origin: world.url });
  const begun = must(await maya.post('/v1/passkeys', { label: LABEL }), 201);
  const confirmation = { registration: key.create(begun.options), totp: maya.code() };
  must(await maya.post(`/v1/passkeys/${begun.factor}/confirmation`, confirmation), 200);
  must(await bo.post(`/v1/people/${noor.id}/leaving`, { totp: bo.code(), reason: REASON }), 200);
  must(await bo.post(`/v1/people/${noor.id}/return`, { totp: bo.code(), reason: REASON }), 200);
  must(await ada.post(`/v1/people/${noor.id}/factor-resets`, { totp: ada.code(), reason: REASON }), 201);
});
afterAll(() => stage.stop());

/** Nothing of it ran or became a part of the page, and the page is no wider than the phone. */
async function expectOnlyText(page: Page, path: string): Promise<void> {
  const found = await page.evaluate(() => ({
    title: document.title,
    parts: document.querySelectorAll('#ran, img, main script, svg[onload], [onerror], [onload]').length,
    tooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  }));
  expect([path, found]).toEqual([
    path,
    { title: expect.stringContaining('Countersign'), parts: 0, tooWide: false },
  ]);
}

const walks: readonly (readonly [Name, readonly (() => string)[]])[] = [
  [
    'maya',
    [
      () => '/',
      () => `/requests/${made.waiting}`,
      () => `/requests/${made.granted}`,
      () => `/requests/${made.denied}`,
      () => `/requests/${made.emergency}`,
      () => '/access',
      () => '/account',
      () => '/catalog',
      () => '/ask?entitlement=look',
      () => `/ask?${new URLSearchParams({ entitlement: MARKUP, ticket: MARKUP })}`,
      () => `/requests/${encodeURIComponent(MARKUP)}`,
      () => `/sign-in/with/${encodeURIComponent(MARKUP)}`,
      () =>
        `/v1/sign-in/callback?${new URLSearchParams({ error: MARKUP, error_description: MARKUP, state: MARKUP })}`,
      () => `/device?${new URLSearchParams({ code: MARKUP })}`,
    ],
  ],
  [
    'tomas',
    [
      () => '/',
      () => `/requests/${made.waiting}/review`,
      () => `/requests/${made.granted}/review`,
      () => `/people?${new URLSearchParams({ name: MARKUP })}`,
      () => '/people?name=img',
      () => `/people/${stage.world.people.maya.id}`,
    ],
  ],
  ['ines', [() => `/requests/${made.emergency}/review`]],
  ['ada', [() => '/policy', () => `/people/${stage.world.people.noor.id}`]],
];

test.each(walks)('what was typed is text on every page that %s sees', async (who, paths) => {
  const visit = await stage.visit(who, phone);
  for (const [at, path] of paths.entries()) {
    await visit.page.goto(path());
    await expectOnlyText(visit.page, path());
    await picture(visit.page, `phone-hostile-${who}-${at}`, true);
  }
  await visit.close();
});

test('it is there, whole, where a reviewer reads it', async () => {
  const visit = await stage.visit('tomas', phone);
  await visit.page.goto(`/requests/${made.waiting}/review`);
  const said = (await visit.page.locator('main').innerText()).replaceAll(/\s+/g, ' ');
  for (const part of [...MARKUP.split('\n'), ...TEMPLATES.split('\n'), LONG_WORD, NAME])
    expect(said).toContain(part);
  expect(said).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  await visit.close();
});

test('what is refused comes back to its field as it was typed', async () => {
  const visit = await stage.visit('maya', phone);
  const { page } = visit;
  await page.goto('/ask?entitlement=repair');
  const typed = `${MARKUP}\u202eevil`;
  await page.getByLabel('Why', { exact: true }).fill(typed);
  await page.getByText('More: other people').click();
  await page.getByLabel('For whom').fill(MARKUP);
  await page.getByRole('button', { name: 'Say it back' }).click();
  await page.getByText('marks that change the direction of text').waitFor();
  expect(await page.getByLabel('Why', { exact: true }).inputValue()).toBe(typed);
  expect(await page.getByLabel('For whom').inputValue()).toBe(MARKUP);
  await expectOnlyText(page, '/ask, refused');
  await picture(page, 'phone-hostile-refused', true);
  await visit.close();
});

test('a policy full of it is read, and its mistakes are told, as text', async () => {
  const visit = await stage.visit('ada', phone);
  const { page } = visit;
  await page.goto('/policy');
  const text = page.locator('textarea[name="text"]').first();
  for (const hostile of [
    MARKUP,
    policy.replace('role: Look', `role: ${JSON.stringify(MARKUP)}`),
    `${MARKUP}: ${MARKUP}`,
  ]) {
    await text.fill(hostile);
    await page.locator('form[action="/policy/plans"] button').first().click();
    await page.waitForLoadState();
    await expectOnlyText(page, '/policy, with mistakes');
  }
  await picture(page, 'phone-hostile-policy', true);
  await visit.close();
});

test('the log shows it as text, entry by entry, to who may read it', async () => {
  const visit = await stage.visit('noor', phone);
  const { page } = visit;
  await page.goto('/log');
  await expectOnlyText(page, '/log');
  const size = (await stage.world.broker.store.head())?.size ?? 0;
  for (let seq = 0; seq < size; seq++) {
    await page.goto(`/log/${seq}`);
    await expectOnlyText(page, `/log/${seq}`);
  }
  await picture(page, 'phone-hostile-log-entry', true);
  await visit.close();
});

test('a machine that calls itself names is shown by them as text', async () => {
  const { world } = stage;
  const headers = { 'content-type': 'application/json', 'user-agent': LINE.replaceAll(/[^\x20-\x7e]/g, '') };
  const body = JSON.stringify({ dpop_jkt: 'k'.repeat(43) });
  const asked = await fetch(`${world.url}/v1/device-authorization`, { method: 'POST', headers, body });
  const { user_code } = (await asked.json()) as { user_code: string };
  const visit = await stage.visit('maya', phone);
  await visit.page.goto(`/device?code=${user_code}`);
  await visit.page.getByText('document.title').first().waitFor();
  await expectOnlyText(visit.page, '/device');
  await picture(visit.page, 'phone-hostile-device', true);
  await visit.close();
});
