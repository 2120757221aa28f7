import { afterAll, beforeAll, expect, test } from 'vitest';
import { publish } from '../http/person.ts';
import { policyText } from '../http/policy-text.ts';
import { openTicket } from '../http/story.ts';
import { conformant, verdictOn } from '../http/verdict.ts';
import { enrolPasskey, withAuthenticator } from './authenticator.ts';
import { desktop, expectAccessible, phone, picture, type Stage, signIn, startStage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ host: 'localhost' });
  const { ada, bo, maya } = stage.world.people;
  const outage = `break_glass: { at_most: 30m, without: [ticket, identity-provider], named: [${maya.id}],`;
  const text = policyText
    .replace('request: totp', 'request: passkey')
    .replace('break_glass: { at_most: 30m, without: [ticket],', outage);
  await publish(text, [ada, bo]);
});
afterAll(() => stage.stop());

test('in an outage of the identity provider a passkey leads from the sign-in page to an open emergency, and the outage’s end to the door', async () => {
  const { world } = stage;
  const { maya } = world.people;
  const ticket = await openTicket(world);
  const visit = await stage.visit('maya', phone);
  const { page, context } = visit;
  await withAuthenticator(visit);
  await enrolPasskey(visit, 'phone', maya.code());
  await page.goto('/account');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out').waitFor();

  // While the provider answers, the passkey alone is told where to go.
  await page.goto('/sign-in');
  await page.getByText('Your identity provider does not answer').click();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('Your identity provider answers: sign in through it.').waitFor();
  expect(await context.cookies(world.url)).toEqual([]);

  await world.provider.stop();
  world.clock.advance(11_000);
  await page.goto('/sign-in');
  await page.getByText('Your identity provider does not answer').click();
  await expectAccessible(page);
  await picture(page, 'phone-emergency-sign-in');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.waitForURL(/\/ask$/);

  await page.goto(`/ask?entitlement=repair&ticket=${ticket}`);
  await page.getByLabel('Why', { exact: true }).fill('Orders are on fire, and so is the sign-in.');
  await page.getByText('More: other people').click();
  await page.getByLabel(/This is an emergency/).check();
  await page.getByLabel('For how long').fill('10m');
  await page.getByRole('button', { name: 'Say it back' }).click();
  await expectAccessible(page);
  await picture(page, 'phone-emergency-said-back', true);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.waitForURL(/\/requests\/r-/);
  await expectAccessible(page);
  await picture(page, 'phone-emergency-request', true);

  // The code or signature that it was asked with still serves: one press.
  await page.goto('/access');
  await page.getByRole('button', { name: 'Open a session here' }).click();
  await page.getByRole('heading', { name: 'Session open' }).waitFor();
  await expectAccessible(page);
  await picture(page, 'phone-emergency-session', true);

  // What is no part of it waits, and says so.
  for (const path of ['/account', '/people', '/policy', '/catalog', '/log']) {
    expect([path, (await page.goto(path))?.status()]).toEqual([path, 503]);
    await page.getByText('identity provider').first().waitFor();
  }
  await expectAccessible(page);
  await picture(page, 'phone-emergency-elsewhere');

  await page.goto('/access');
  await expectAccessible(page);
  await picture(page, 'phone-emergency-access', true);
  await page.getByRole('button', { name: 'End now' }).click();
  await page.getByText('Ended.').waitFor();

  await world.provider.resume();
  world.clock.advance(11_000);
  await page.goto('/access');
  await page.getByText('Your identity provider answers again').waitFor();
  await page.getByRole('link', { name: 'Home' }).click();
  await page.waitForURL(/\/sign-in/);
  await signIn(page, 'maya');
  await page.getByText('Hello, Maya Okafor').waitFor();
  await visit.close();
});

test('the log says who signed what, and all of it is right', async () => {
  const verdict = await verdictOn(stage.world);
  expect(verdict).toMatchObject(conformant);
  // The sign-in, and the ask on whose signature the opening rests.
  expect(verdict.signed.passkey_proofs).toBe(2);
});

test('whom the policy does not name is told nothing, in an outage or not', async () => {
  const { tomas } = stage.world.people;
  const visit = await stage.visit('tomas', desktop);
  await withAuthenticator(visit);
  await enrolPasskey(visit, 'laptop', tomas.code());
  await visit.context.clearCookies();
  await visit.page.goto('/sign-in');
  await visit.page.getByText('Your identity provider does not answer').click();
  await visit.page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await visit.page.getByText('This passkey signs nobody in now.').waitFor();
  await picture(visit.page, 'desktop-emergency-refused');
  expect(await visit.context.cookies(stage.world.url)).toEqual([]);
  await visit.close();
});
