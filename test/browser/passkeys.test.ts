import { afterAll, beforeAll, expect, test } from 'vitest';
import { policyText } from '../http/policy-text.ts';
import { ask, openTicket } from '../http/story.ts';
import { enrolPasskey, withAuthenticator } from './authenticator.ts';
import { desktop, expectAccessible, phone, picture, type Stage, startStage } from './stage.ts';

const passkeysReview = policyText.replace('review: totp', 'review: passkey');
/** Everything is signed: also what is asked. */
const passkeysAsk = passkeysReview.replace('request: totp', 'request: passkey');

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ policy: passkeysReview, host: 'localhost' });
});
afterAll(() => stage.stop());

test('a reviewer enrols a passkey, approves with two taps, and the log says it was signed', async () => {
  const { tomas } = stage.world.people;
  const visit = await stage.visit('tomas', phone);
  await withAuthenticator(visit);
  await enrolPasskey(visit, 'Tomas’s phone', tomas.code());
  await picture(visit.page, 'passkey-recovery-codes');
  await visit.page.goto('/account');
  await visit.page.getByText('Tomas’s phone').waitFor();
  await expectAccessible(visit.page);

  const { request } = await ask(stage.world);
  await visit.page.goto(`/requests/${request}/review`);
  await picture(visit.page, 'phone-review-passkey');
  await expectAccessible(visit.page);
  await visit.page.getByLabel('For how long').selectOption('900');
  await visit.page.getByRole('button', { name: 'Approve' }).click();
  await visit.page.waitForURL(new RegExp(`/requests/${request}$`));
  const { reviews } = (await tomas.get(`/v1/requests/${request}`)).body;
  expect(reviews).toMatchObject([{ verdict: 'approve', duration_seconds: 900 }]);
  await visit.page.getByText('Tomas Lind approved, for 15 minutes').waitFor();
  await visit.close();
});

test('a denial by passkey asks its reason first', async () => {
  const { ines } = stage.world.people;
  const visit = await stage.visit('ines', desktop);
  await withAuthenticator(visit);
  await enrolPasskey(visit, 'laptop', ines.code());
  const { request } = await ask(stage.world);
  await visit.page.goto(`/requests/${request}/review`);
  await visit.page.getByRole('button', { name: 'Deny' }).click();
  const sheet = visit.page.locator('#deny');
  await sheet.getByRole('button', { name: 'Deny' }).click();
  expect(new URL(visit.page.url()).pathname).toBe(`/requests/${request}/review`);
  await sheet.getByLabel(/Why not/).fill('Not tonight.');
  await picture(visit.page, 'desktop-review-deny');
  await sheet.getByRole('button', { name: 'Deny' }).click();
  await visit.page.waitForURL(new RegExp(`/requests/${request}$`));
  await visit.page.getByText('Ines Duarte denied', { exact: true }).waitFor();
  await visit.page.getByText('Not tonight.').waitFor();
  await visit.close();
});

test('what changed while the page was open is signed by nobody', async () => {
  const visit = await stage.visit('ines', desktop);
  await withAuthenticator(visit);
  const { request } = await ask(stage.world);
  await visit.page.goto(`/requests/${request}/review`);
  // As a page looks that was made before somebody changed what it rests on.
  await visit.page.evaluate(() => {
    for (const field of document.querySelectorAll<HTMLInputElement>('[name="standing"]')) {
      field.value = `sha256:${'0'.repeat(64)}`;
    }
  });
  await visit.page.getByRole('button', { name: 'Approve' }).click();
  await visit.page.getByText('Something about this request changed').first().waitFor();
  const { status } = (await stage.world.people.ines.get(`/v1/requests/${request}`)).body;
  expect(status).toBe('pending');
  await visit.close();
});

test('without JavaScript a passkey cannot sign, and nothing weaker is taken in its place', async () => {
  const { ines } = stage.world.people;
  const visit = await stage.visit('ines', { ...desktop, javaScriptEnabled: false });
  const { request } = await ask(stage.world);
  await visit.page.goto(`/requests/${request}/review`);
  await visit.page.getByText('nothing weaker is taken instead').waitFor();
  expect(await visit.page.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
  expect(await visit.page.getByLabel('Code of your authenticator').count()).toBe(0);
  const form = await visit.page.locator('#approve').evaluate((element) => {
    return Object.fromEntries(new FormData(element as HTMLFormElement)) as Record<string, string>;
  });
  const sent = await visit.page.request.post(`/requests/${request}/review`, {
    form: { ...form, totp: ines.code() },
    headers: { origin: stage.world.url, 'sec-fetch-site': 'same-origin' },
  });
  expect(sent.status()).toBe(422);
  const { status } = (await ines.get(`/v1/requests/${request}`)).body;
  expect(status).toBe('pending');
  await visit.close();
});

test('where the policy wants it, what is published and what is asked is signed by a passkey too', async () => {
  const { ada, maya } = stage.world.people;
  const ticket = await openTicket(stage.world);
  await ada.post('/v1/policy/proposals', { text: passkeysAsk, scopes: {} });
  for (const name of ['ada', 'bo'] as const) {
    const administrator = await stage.visit(name, desktop);
    await withAuthenticator(administrator);
    await enrolPasskey(administrator, 'key', stage.world.people[name].code());
    await administrator.page.goto('/policy');
    await administrator.page.getByRole('button', { name: 'Sign it' }).click();
    await administrator.page.getByRole('button', { name: 'Sign it' }).waitFor({ state: 'detached' });
    await administrator.close();
  }
  const visit = await stage.visit('maya', desktop);
  await withAuthenticator(visit);
  await enrolPasskey(visit, 'laptop', maya.code());
  await visit.page.goto(`/ask?entitlement=repair&ticket=${ticket}`);
  await visit.page.getByLabel('Why').fill('The export is stuck.');
  await visit.page.getByRole('button', { name: 'Say it back' }).click();
  await visit.page.getByRole('button', { name: 'Ask', exact: true }).click();
  await visit.page.waitForURL(/\/requests\/r-/);
  await visit.page.locator('.kicker').getByText('waiting for a review').waitFor();
  await visit.close();
});

test('vouching for a colleague is signed by a passkey, and the code is shown this once', async () => {
  const { otto, noor } = stage.world.people;
  const visit = await stage.visit('noor', desktop);
  await withAuthenticator(visit);
  await enrolPasskey(visit, 'desk', noor.code());
  await visit.page.goto(`/people/${otto.id}`);
  await expectAccessible(visit.page);
  await visit.page.getByRole('button', { name: 'Vouch for them' }).click();
  await visit.page.getByRole('heading', { name: 'Their code, shown this once' }).waitFor();
  const code = await visit.page.locator('.what code').textContent();
  const begun = await otto.post('/v1/factors', { label: 'phone', enrolment_code: code });
  expect(begun.status).toBe(201);
  await visit.close();
});
