import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Name } from '../http/harness.ts';
import { approve, ask, openedGrant } from '../http/story.ts';
import { desktop, expectAccessible, phone, picture, type Stage, startStage } from './stage.ts';

/** What a page is when not all is well: offline, slow, old, broken, or on paper. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

async function pageOf(name: Name | null, options: BrowserContextOptions = {}): Promise<Page> {
  const { page, close } = await stage.visit(name, options);
  onTestFinished(close);
  return page;
}

const sizes = { phone, desktop } as const;
const looks = [
  ['phone', 'light'],
  ['phone', 'dark'],
  ['desktop', 'light'],
  ['desktop', 'dark'],
] as const;

test.each(looks)(
  'offline is said on the page, and a form keeps what was typed (%s, %s)',
  async (size, colorScheme) => {
    const page = await pageOf('maya', { ...sizes[size], colorScheme });
    await page.goto('/ask?entitlement=repair');
    await page.getByLabel('Why', { exact: true }).fill('The export is stuck.');
    expect(await page.getByText('You are offline.').isVisible()).toBe(false);
    await page.context().setOffline(true);
    await page.getByText('You are offline.').waitFor();
    await page.getByRole('button', { name: 'Say it back' }).click();
    // Neither the browser's own page nor an empty form.
    expect(await page.getByLabel('Why', { exact: true }).inputValue()).toBe('The export is stuck.');
    await expectAccessible(page);
    await picture(page, `state-offline-${size}-${colorScheme}`);
    await page.context().setOffline(false);
    await page.getByText('You are offline.').waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Say it back' }).click();
    await page.getByText('This needs a ticket.').waitFor();
  },
);

test.each(looks)(
  'a page that takes longer than 300 ms says so, a quicker one never (%s, %s)',
  async (size, colorScheme) => {
    const page = await pageOf('maya', { ...sizes[size], colorScheme });
    await page.clock.install();
    await page.goto('/');
    await neverAnswered(page);
    await page.clock.pauseAt(Date.now() + 60_000);
    await page.getByRole('link', { name: 'Catalogue' }).click();
    const main = page.locator('main');
    await page.clock.runFor(299);
    expect(await main.getAttribute('aria-busy')).toBe(null);
    await page.clock.runFor(2);
    expect(await main.getAttribute('aria-busy')).toBe('true');
    expect(await page.locator('[data-waiting]').textContent()).toBe('Loading…');
    await page.clock.resume();
    await expectAccessible(page);
    await picture(page, `state-loading-${size}-${colorScheme}`);
  },
);

/** As a link is whose page does not come: a page that really waits answers no question of a test's. */
const neverAnswered = (page: Page): Promise<void> =>
  page.evaluate(() => addEventListener('click', (event) => event.preventDefault()));

test('a page that was given up is there again', async () => {
  const page = await pageOf('maya');
  await page.clock.install();
  await page.goto('/');
  await neverAnswered(page);
  await page.getByRole('link', { name: 'Catalogue' }).click();
  await page.clock.runFor(400);
  expect(await page.locator('main').getAttribute('aria-busy')).toBe('true');
  await page.keyboard.press('Escape');
  expect(await page.locator('main').getAttribute('aria-busy')).toBe(null);
  await page.getByRole('heading', { level: 1 }).waitFor();
});

/** As if somebody looked at another tab for so long. */
async function lookAway(page: Page, ms: number): Promise<void> {
  const turn = (isHidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event('visibilitychange'));
    }, isHidden);
  await turn(true);
  await page.clock.fastForward(ms);
  await turn(false);
}

test('a tab that one comes back to is fetched again before anything in it can be signed', async () => {
  const { tomas, ines } = stage.world.people;
  const { request } = await ask(stage.world);
  const page = await pageOf('tomas');
  await page.clock.install();
  await page.goto(`/requests/${request}/review`);
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  await approve(ines, request);
  // A glance elsewhere is no reason.
  await lookAway(page, 59_000);
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(1);
  await lookAway(page, 61_000);
  await page.getByText('This is decided.').waitFor();
  expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  expect((await tomas.get(`/v1/requests/${request}`)).body.reviews).toHaveLength(1);
});

test('an old tab that somebody has typed into keeps what was typed, and is told what changed when it is sent', async () => {
  const { tomas, ines } = stage.world.people;
  const { request } = await ask(stage.world);
  const page = await pageOf('tomas');
  await page.clock.install();
  await page.goto(`/requests/${request}/review`);
  const code = page.locator('#approve').getByLabel('Code of your authenticator');
  await code.pressSequentially(tomas.code());
  await approve(ines, request);
  await lookAway(page, 600_000);
  expect(await code.inputValue()).toMatch(/^\d{6}$/);
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('alert').first().waitFor();
  expect((await tomas.get(`/v1/requests/${request}`)).body.reviews).toHaveLength(1);
});

describe.each(looks)('on a %s, %s', (size, colorScheme) => {
  test('the ways in and out have the look of every page, and what fails says an id', async () => {
    const look = { ...sizes[size], colorScheme };
    const { page, close } = await stage.visit('maya', look);
    const shot = async (name: string) => {
      await expectAccessible(page, name);
      const { wide, fits } = await page.evaluate(() => {
        return { wide: document.documentElement.scrollWidth, fits: document.documentElement.clientWidth };
      });
      expect(wide, `${name} is not wider than the screen`).toBeLessThanOrEqual(fits);
      await picture(page, `state-${name}-${size}-${colorScheme}`, true);
    };
    const asked = await fetch(`${stage.world.url}/v1/device-authorization`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ dpop_jkt: 'k'.repeat(43) }),
    });
    const { user_code } = (await asked.json()) as { user_code: string };
    await page.goto('/device');
    await shot('device-code');
    await page.getByLabel('The code that its terminal shows').fill('BCDF-BCDF');
    await page.getByRole('button', { name: 'Next' }).click();
    expect(await page.getByLabel('The code that its terminal shows').getAttribute('aria-invalid')).toBe(
      'true',
    );
    await shot('device-code-wrong');
    await page.getByLabel('The code that its terminal shows').fill(user_code);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('heading', { name: 'Is this your machine?' }).waitFor();
    await shot('device-confirm');
    await page.getByRole('button', { name: 'The words are the same' }).click();
    await page.getByRole('heading', { name: 'One step more' }).waitFor();
    await shot('device-onward');
    await page.getByRole('link', { name: 'Sign the machine in' }).click();
    await page.locator('button[value="maya"]').click();
    await page.getByRole('heading', { name: 'The machine is signed in' }).waitFor();
    await shot('device-done');

    await page.goto('/sign-in/with/nobody');
    await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
    await shot('sign-in-failed');
    const id = await page.locator('code').last().textContent();
    expect(stage.world.lines.some((line) => line.includes(String(id)))).toBe(true);

    await page.goto('/account');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    await shot('signed-out');
    await close();
  });
});

test('on a phone the name of the page one is on is in sight, however far to the right it stands', async () => {
  const page = await pageOf('ada', phone);
  for (const path of ['/', '/people', '/policy']) {
    await page.goto(path);
    const { left, right } = await page.locator('nav [aria-current]').evaluate((here) => {
      const box = here.getBoundingClientRect();
      return { left: box.left, right: innerWidth - box.right };
    });
    expect(Math.min(left, right), path).toBeGreaterThanOrEqual(0);
  }
  await picture(page, 'state-place-phone');
});

test('a page that cannot be made says what happened, what is still safe, what to do, and an id of the broker’s own log', async () => {
  const page = await pageOf('maya');
  await page.goto('/requests/r-01JZX3V5Q8M2N4P6R8T0V2W4Y6');
  await page.getByText('Nothing was changed.').waitFor();
  await page.getByText(/What to do:/).waitFor();
  const id = await page.locator('.problem code').last().textContent();
  expect(stage.world.lines.some((line) => line.includes(`"${id}"`))).toBe(true);
});

/** What paper would cut off, hide or show in vain. */
async function expectPrintable(page: Page, name: string): Promise<void> {
  await page.emulateMedia({ media: 'print' });
  // A4 without its margins, at 96 dots an inch.
  await page.setViewportSize({ width: 718, height: 1_040 });
  const found = await page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>('body *')].filter((one) => one.checkVisibility());
    const told = (list: readonly HTMLElement[]) => list.map((one) => one.outerHTML.slice(0, 120));
    const isCut = (one: HTMLElement) => {
      const { overflowX, overflowY } = getComputedStyle(one);
      const hides = (overflow: string) => overflow !== 'visible';
      return (
        (hides(overflowY) && one.scrollHeight > one.clientHeight + 1) ||
        (hides(overflowX) && one.scrollWidth > one.clientWidth + 1)
      );
    };
    return {
      pressed: told(all.filter((one) => one.matches('button, .button, input, select, textarea'))),
      cut: told(all.filter((one) => !one.matches('.sr, .sr *') && isCut(one))),
      outside: told(all.filter((one) => one.getBoundingClientRect().right > innerWidth + 1)),
      closed: told(
        [...document.querySelectorAll<HTMLElement>('main details > :not(summary)')].filter(
          (one) =>
            one.checkVisibility({ contentVisibilityAuto: true }) === false &&
            !one.matches('form, form *, .verify *'),
        ),
      ),
      links: told(
        all.filter(
          (one) => one.matches('main a') && getComputedStyle(one).textDecorationLine !== 'underline',
        ),
      ),
    };
  });
  expect(found, name).toEqual({ pressed: [], cut: [], outside: [], closed: [], links: [] });
  await picture(page, `print-${name}`, true);
  const pdf = await page.pdf({ path: `test-results/print-${name}.pdf`, format: 'A4' });
  // Pages of the document's own count; a table that kept its height for scrolling would be many.
  const pages = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
  expect(pages, `pages of ${name}`).toBeGreaterThan(0);
  expect(pages, `pages of ${name}`).toBeLessThan(6);
}

test.each(['light', 'dark'] as const)(
  'request, review, log and entry print whole, with nothing to press (%s)',
  async (colorScheme) => {
    const { request } = await openedGrant(stage.world, {
      justification: `${'The export is stuck, and the batch has to go. '.repeat(12)}`,
    });
    const { request: waiting } = await ask(stage.world);
    for (const [who, name, path] of [
      ['maya', 'request', `/requests/${request}`],
      ['tomas', 'review', `/requests/${waiting}/review`],
      ['noor', 'log', '/log'],
      ['noor', 'entry', '/log/5'],
    ] as const) {
      const { page, close } = await stage.visit(who, { ...desktop, colorScheme });
      await page.clock.setFixedTime(stage.world.clock.nowMs());
      await page.goto(path);
      if (name === 'log') {
        await page.click('[data-start]');
        await page.waitForFunction(
          () => !document.querySelector<HTMLButtonElement>('[data-start]')?.disabled,
        );
      }
      await expectPrintable(page, `${name}-${colorScheme}`);
      // Paper is white, whatever the screen was.
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(ground).toBe('rgb(255, 255, 255)');
      await close();
    }
  },
);
