import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Name } from '../http/harness.ts';
import { approve, ask, open, openTicket } from '../http/story.ts';
import { desktop, expectAccessible, looks, phone, picture, type Stage, startStage } from './stage.ts';

let stage: Stage;
const requests = { waiting: '', cloud: '', active: '', denied: '', emergency: '' };

beforeAll(async () => {
  stage = await startStage();
  const { world } = stage;
  const { maya, tomas } = world.people;
  requests.waiting = (
    await ask(world, { justification: 'Writer is stuck.\nFail over, then clear the batch.' })
  ).request;
  requests.cloud = (await ask(world, { entitlement: 'ledger' })).request;
  requests.active = (await ask(world)).request;
  const { grants } = await approve(tomas, requests.active);
  await open(maya, grants[0].grant);
  requests.emergency = (await ask(world, { break_glass: true, duration_seconds: 900 })).request;
});
afterAll(() => stage.stop());

/** Every page and state, by who looks at it. */
const pages: readonly (readonly [name: string, who: Name | null, path: () => string])[] = [
  ['sign-in', null, () => '/sign-in'],
  ['home', 'maya', () => '/'],
  ['home-empty', 'otto', () => '/'],
  ['home-reviewer', 'tomas', () => '/'],
  ['ask', 'maya', () => '/ask'],
  ['ask-chosen', 'maya', () => '/ask?entitlement=repair&ticket=https://jira.example/browse/INC-9'],
  ['ask-nothing', 'otto', () => '/ask'],
  ['request', 'maya', () => `/requests/${requests.waiting}`],
  ['request-active', 'maya', () => `/requests/${requests.active}`],
  ['request-emergency', 'maya', () => `/requests/${requests.emergency}`],
  ['review', 'tomas', () => `/requests/${requests.waiting}/review`],
  ['review-cloud', 'tomas', () => `/requests/${requests.cloud}/review`],
  ['review-decided', 'tomas', () => `/requests/${requests.active}/review`],
  ['review-own', 'maya', () => `/requests/${requests.waiting}/review`],
  ['review-emergency', 'ines', () => `/requests/${requests.emergency}/review`],
  ['access', 'maya', () => '/access'],
  ['access-empty', 'tomas', () => '/access'],
  ['catalog', 'maya', () => '/catalog'],
  ['people', 'tomas', () => '/people?name=Maya'],
  ['people-nobody', 'tomas', () => '/people?name=Zzz'],
  ['person', 'ada', () => `/people/${stage.world.people.maya.id}`],
  ['policy', 'maya', () => '/policy'],
  ['policy-administrator', 'ada', () => '/policy'],
  ['account', 'maya', () => '/account'],
  ['account-empty', 'otto', () => '/account'],
  ['not-found', 'maya', () => '/requests/r-01JZX3V5Q8M2N4P6R8T0V2W4Y6'],
];

const sizes = { phone, desktop } as const;

describe.each(['phone', 'desktop'] as const)('on a %s', (size) => {
  test.each(['light', 'dark'] as const)(
    'every page is clean for axe and its own policy (%s)',
    async (colorScheme) => {
      for (const who of new Set(pages.map(([, name]) => name))) {
        const visit = await stage.visit(who, { ...sizes[size], colorScheme });
        for (const [name, , path] of pages.filter(([, one]) => one === who)) {
          await visit.page.goto(path());
          await picture(visit.page, `${size}-${colorScheme}-${name}`, true);
          await expectAccessible(visit.page, name);
          const width = await visit.page.evaluate(() => document.documentElement.scrollWidth);
          expect(width, `${name} is not wider than the screen`).toBeLessThanOrEqual(
            visit.page.viewportSize()?.width ?? 0,
          );
        }
        await visit.close();
      }
    },
    120_000,
  );
});

describe.each(looks)('on a $size, $colorScheme, with JavaScript $javaScriptEnabled', ({ size, ...more }) => {
  const { colorScheme, javaScriptEnabled } = more;
  const options = { ...sizes[size], ...more };
  test('a developer pastes a ticket, sees what will be asked of whom, asks, and withdraws', async () => {
    const { maya } = stage.world.people;
    const ticket = await openTicket(stage.world);
    const { page, close } = await stage.visit('maya', options);
    await page.getByRole('navigation').getByRole('link', { name: 'Ask for access' }).click();
    await page.getByLabel('Ticket').fill(`https://tickets.example/browse/${ticket}`);
    await page.getByLabel('What you need').selectOption('repair');
    await page.getByLabel('For how long').fill('5h');
    await page.getByRole('button', { name: 'Say it back' }).click();
    // Too long, and no reason: each said at its field, with what was typed still there.
    await page.getByText('At most 1 hour can be asked for.').waitFor();
    await page.getByText('Say why, in a sentence').waitFor();
    expect(await page.getByLabel('Ticket').inputValue()).toBe(ticket);
    expect(await page.getByLabel('For how long').getAttribute('aria-invalid')).toBe('true');
    await page.getByLabel('For how long').fill('20m');
    await page.getByLabel('Why').fill('<img src=x onerror=alert(1)> the export is stuck');
    await page.getByRole('button', { name: 'Say it back' }).click();
    await page
      .getByText('Maya Okafor will ask for destructive access (repair) on shop-prod, for 20 minutes.')
      .waitFor();
    await page.getByText('Of: 1 person from leads.').waitFor();
    // Without scripts axe itself cannot run.
    if (javaScriptEnabled) await expectAccessible(page);
    await picture(page, `ask-said-back-${size}-${colorScheme}`, true);
    await page.getByLabel('Code of your authenticator').fill(maya.code());
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.waitForURL(/\/requests\/r-/);
    expect(await page.locator('h1').textContent()).toBe(
      'Maya Okafor wants destructive access to shop-prod for 20 minutes',
    );
    // Text, and nothing else.
    await page.getByText('<img src=x onerror=alert(1)> the export is stuck').waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.locator('.kicker').getByText('withdrawn').waitFor();
    await close();
  });

  test('a reviewer shortens and approves with a code, and the holder ends it early', async () => {
    const { tomas } = stage.world.people;
    const { request } = await ask(stage.world, { duration_seconds: 3600 });
    const reviewer = await stage.visit('tomas', options);
    await reviewer.page
      .getByRole('link', { name: /wants destructive access to shop-prod for 1 hour/ })
      .first()
      .click();
    await reviewer.page.getByLabel('For how long').selectOption('1800');
    const code = reviewer.page.locator('#approve').getByLabel('Code of your authenticator');
    await code.fill('000000');
    await reviewer.page.getByRole('button', { name: 'Approve' }).click();
    await reviewer.page.locator('#approve .mistake').waitFor();
    expect(await reviewer.page.getByLabel('For how long').inputValue()).toBe('1800');
    await code.fill(tomas.code());
    await reviewer.page.getByRole('button', { name: 'Approve' }).click();
    await reviewer.page.waitForURL(new RegExp(`/requests/${request}$`));
    await reviewer.page.getByText('Tomas Lind approved, for 30 minutes').waitFor();
    await reviewer.close();

    const holder = await stage.visit('maya', options);
    await holder.page.goto(`/requests/${request}`);
    await holder.page.getByRole('button', { name: 'End now' }).click();
    await holder.page.getByText('You gave back').waitFor();
    expect((await tomas.get(`/v1/requests/${request}`)).body.status).toBe('ended');
    await holder.close();
  });

  test('a denial without a reason is not sent, and one with a reason is told to the requester', async () => {
    const { tomas } = stage.world.people;
    const { request } = await ask(stage.world);
    const { page, close } = await stage.visit('tomas', options);
    await page.goto(`/requests/${request}/review`);
    await page.getByRole('button', { name: 'Deny' }).click();
    const sheet = page.locator('#deny');
    await sheet.getByLabel(/Why not/).fill('   ');
    await sheet.getByLabel('Code of your authenticator').fill(tomas.sameCode());
    await sheet.getByRole('button', { name: 'Deny' }).click();
    await page.getByText('Say in a sentence why').waitFor();
    await sheet.getByLabel(/Why not/).fill('Use the replica.');
    await sheet.getByLabel('Code of your authenticator').fill(tomas.code());
    await sheet.getByRole('button', { name: 'Deny' }).click();
    await page.waitForURL(new RegExp(`/requests/${request}$`));
    await page.getByText('Use the replica.').waitFor();
    await close();
  });

  test('somebody on duty judges an emergency', async () => {
    const { maya, ines } = stage.world.people;
    const { request } = await ask(stage.world, { break_glass: true, duration_seconds: 900 }, maya).catch(
      () => ({
        request: requests.emergency,
      }),
    );
    const { page, close } = await stage.visit('ines', options);
    await page.goto(`/requests/${request}/review`);
    await page.getByLabel(/Whoever looks at it later/).fill('The export would have run twice.');
    await page.getByLabel('Code of your authenticator').fill(ines.code());
    await page.getByRole('button', { name: 'It was justified' }).click();
    await page.waitForURL(new RegExp(`/requests/${request}$`));
    expect((await ines.get(`/v1/requests/${request}`)).body.break_glass.reviewed).toBe(true);
    await close();
  });
});

test('an administrator tries a policy: mistakes by line, then who would gain and lose what', async () => {
  const { page, close } = await stage.visit('ada');
  await page.goto('/policy');
  const text = await page.getByLabel('Policy text').inputValue();
  await page.getByLabel('Policy text').fill(text.replace('role: Repair', 'roll: Repair'));
  await page.getByRole('button', { name: 'Check and plan' }).click();
  await page
    .getByText(/^\d+:\d+$/)
    .first()
    .waitFor();
  expect(await page.getByLabel('Policy text').inputValue()).toContain('roll: Repair');
  await page.getByLabel('Policy text').fill(text.replaceAll('at_most: 8h', 'at_most: 4h'));
  await page.getByRole('button', { name: 'Check and plan' }).click();
  await page.getByRole('heading', { name: 'What publishing would do' }).waitFor();
  await page.getByText('look changes').waitFor();
  await expectAccessible(page);
  await picture(page, 'policy-plan', true);
  await close();
});

test('a colleague vouches, and the newcomer enrols an authenticator from a picture', async () => {
  const { tomas, otto } = stage.world.people;
  const voucher = await stage.visit('tomas', { javaScriptEnabled: false });
  await voucher.page.goto(`/people/${otto.id}`);
  await voucher.page.getByLabel('Your code').first().fill(tomas.code());
  await voucher.page.getByRole('button', { name: 'Vouch for them' }).click();
  const code = await voucher.page.locator('.what code').textContent();
  await voucher.close();
  const newcomer = await stage.visit('otto', { javaScriptEnabled: false });
  await newcomer.page.goto('/account');
  await newcomer.page.getByLabel('A name for it').fill('telephone');
  await newcomer.page.getByLabel('Code of the colleague who vouched').fill(code ?? '');
  await newcomer.page.getByRole('button', { name: 'Enrol an authenticator' }).click();
  await newcomer.page.getByRole('img', { name: /Scan this/ }).waitFor();
  // Nothing of the secret is left in an address that a browser keeps.
  expect(new URL(newcomer.page.url()).search).toBe('');
  await picture(newcomer.page, 'enrol-authenticator', true);
  otto.useSecret((await newcomer.page.locator('p > code').textContent()) ?? '');
  await newcomer.page.getByLabel('The six digits it shows now').fill(otto.code());
  await newcomer.page.getByRole('button', { name: 'Confirm' }).click();
  await newcomer.page.getByRole('heading', { name: 'Your recovery codes' }).first().waitFor();
  await newcomer.page.goto('/account');
  await newcomer.page.getByText('telephone').waitFor();
  await newcomer.close();
});
