import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publish } from '../http/person.ts';
import { policyText } from '../http/policy-text.ts';
import { approve, ask, introspect } from '../http/story.ts';
import { enrolPasskey, withAuthenticator } from './authenticator.ts';
import {
  desktop,
  expectAccessible,
  inEveryLook,
  looks,
  phone,
  picture,
  type Stage,
  startStage,
} from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ host: 'localhost' });
});
afterAll(() => stage.stop());

async function approved(): Promise<string> {
  const { request } = await ask(stage.world);
  const { grants } = await approve(stage.world.people.tomas, request);
  return String(grants[0].grant);
}

const held = (page: Page, grant: string) => page.locator(`#${grant}`);
const openHere = (page: Page, grant: string) =>
  held(page, grant).getByRole('button', { name: 'Open a session here' });
const isActive = async (token: string) => (await introspect(stage.world, token)).body.active;

test.each(looks)(
  'a code opens a session on a $size, $colorScheme, with JavaScript: $javaScriptEnabled',
  async (look) => {
    const grant = await approved();
    const { size, ...shown } = look;
    const visit = await stage.visit('maya', { ...(size === 'phone' ? phone : desktop), ...shown });
    const { page } = visit;
    const isPictured = shown.javaScriptEnabled;
    await page.goto('/access');
    await openHere(page, grant).click();
    await held(page, grant).getByLabel('Code of your authenticator').fill('000000');
    await openHere(page, grant).click();
    const field = held(page, grant).getByLabel('Code of your authenticator');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe('');
    if (isPictured) await expectAccessible(page);
    await picture(page, `open-asks-${size}-${look.colorScheme}`, true);
    await field.fill(stage.world.people.maya.code());
    await openHere(page, grant).click();

    await page.getByRole('heading', { name: 'Session open' }).waitFor();
    const secret = page.locator('details', { hasText: 'Show the token' }).locator('code');
    expect(await secret.isVisible()).toBe(false);
    await page.getByText('Show the token').click();
    expect(await secret.isVisible()).toBe(true);
    const token = (await secret.textContent()) ?? '';
    expect(await isActive(token)).toBe(true);
    expect(page.url()).not.toContain(token.slice(-20));
    await picture(page, `open-shown-${size}-${look.colorScheme}`, true);
    if (isPictured) await inEveryLook(page, 'open-session');

    await page.getByRole('link', { name: 'Done: leave the page' }).click();
    await page.waitForURL(/\/access$/);
    await page.goBack().catch(() => null);
    await expect.poll(() => page.content().catch(() => token)).not.toContain(token);
    await page.goto('/access');
    await held(page, grant).getByRole('button', { name: 'End now' }).click();
    await page.getByText('Ended.').waitFor();
    expect(await isActive(token)).toBe(false);
    await visit.close();
  },
);

test('the copy button takes the token from the page’s text', async () => {
  const grant = await approved();
  const visit = await stage.visit('maya', desktop);
  const { page, context } = visit;
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/access');
  await openHere(page, grant).click();
  await held(page, grant).getByLabel('Code of your authenticator').fill(stage.world.people.maya.code());
  await openHere(page, grant).click();
  await page.getByText('Show the token').click();
  await page.getByRole('button', { name: 'Copy: Show the token' }).click();
  await page.getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(await isActive(copied)).toBe(true);
  await visit.close();
});

test('a passkey opens a session where the policy wants one', async () => {
  const { ada, bo, maya } = stage.world.people;
  await publish(policyText.replace('open: totp', 'open: passkey'), [ada, bo]);
  const grant = await approved();
  const visit = await stage.visit('maya', phone);
  const { page } = visit;
  await withAuthenticator(visit);
  await enrolPasskey(visit, 'phone', maya.code());
  await page.goto('/access');
  await openHere(page, grant).click();
  await held(page, grant).getByText('passkey').first().waitFor();
  await picture(page, 'open-asks-passkey', true);
  await expectAccessible(page);
  await openHere(page, grant).click();
  await page.getByRole('heading', { name: 'Session open' }).waitFor();
  await visit.close();
});
