import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policyText } from '../http/policy-text.ts';
import { approve, ask, open } from '../http/story.ts';
import { desktop, expectAccessible, phone, picture, type Stage, startStage } from './stage.ts';

let stage: Stage;
let waiting = '';

beforeAll(async () => {
  stage = await startStage({ policy: `${policyText}notify: { reviewers: [email, webhook] }\n` });
  const { world } = stage;
  const { maya, tomas } = world.people;
  for (const entitlement of ['repair', 'ledger']) {
    const { grants } = await approve(
      tomas,
      (await ask(world, { entitlement, duration_seconds: 3600 })).request,
    );
    await open(maya, grants[0].grant);
  }
  waiting = (await ask(world)).request;
});
afterAll(() => stage.stop());

const screens = (['phone', 'desktop'] as const).flatMap((size) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ size, colorScheme })),
);
const sizes = { phone, desktop } as const;

test('a moment after it was asked the page says from when its reviewers can be reminded', async () => {
  const { page, close } = await stage.visit('maya');
  await page.goto(`/requests/${waiting}`);
  await page.getByText('A reminder to leads can be sent from').waitFor();
  expect(await page.getByRole('button', { name: 'Remind them' }).count()).toBe(0);
  await picture(page, 'nudge-too-early', true);
  await expectAccessible(page);
  await close();
});

describe.each([true, false])('with JavaScript %s', (javaScriptEnabled) => {
  test('who asked reminds the reviewers, sees it happen, and when it can be done again', async () => {
    const { request } = await ask(stage.world);
    stage.world.clock.advance(900_000);
    const { page, close } = await stage.visit('maya', { javaScriptEnabled });
    await page.goto(`/requests/${request}`);
    await page.getByText('A reminder goes to leads, by email and webhook.').waitFor();
    await page.getByRole('button', { name: 'Remind them' }).click();
    await page
      .getByText(`Maya Okafor reminded leads by email and webhook that ${request} waits for them.`)
      .waitFor();
    await page.getByText('A reminder to leads can be sent from').waitFor();
    expect(await page.getByRole('button', { name: 'Remind them' }).count()).toBe(0);
    await close();
  });
});

test('whom it waits for is offered no reminder', async () => {
  const { page, close } = await stage.visit('tomas');
  await page.goto(`/requests/${waiting}`);
  await page.getByRole('link', { name: 'Review it' }).waitFor();
  expect(await page.getByRole('button', { name: 'Remind them' }).count()).toBe(0);
  await close();
});

describe.each(screens)('on a $size, $colorScheme', ({ size, colorScheme }) => {
  test('the request with its reminder, and the ways to use an access, are clean for axe', async () => {
    const { page, close } = await stage.visit('maya', { ...sizes[size], colorScheme });
    await page.goto(`/requests/${waiting}`);
    await page.getByRole('button', { name: 'Remind them' }).waitFor();
    await picture(page, `${size}-${colorScheme}-nudge`, true);
    await expectAccessible(page, 'nudge');
    await page.goto('/access');
    const tabs = page.locator('summary', { hasText: 'Console' });
    await tabs.first().click();
    await tabs.last().click();
    await page.getByText(/^countersign console ledger --target ledger-prod$/).waitFor();
    await page.getByText('This service has no console of its own').waitFor();
    await picture(page, `${size}-${colorScheme}-console`, true);
    await expectAccessible(page, 'console');
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
    await close();
  });
});
