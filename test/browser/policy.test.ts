import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policyText } from '../http/policy-text.ts';
import { must } from '../http/story.ts';
import {
  desktop,
  expectAccessible,
  looks,
  phone,
  picture,
  type Stage,
  startStage,
  type Visit,
} from './stage.ts';

/** Repair's scope in a file of its own, as policies have it whose scopes are long or shared. */
const REPAIR_FILE = 'policies/repair.json';
const REPAIR = `[
  { "actions": ["batches.delete"], "on": "export/batches/*", "access": "destructive" },
  { "actions": ["batches.read"], "on": "export", "access": "read" }
]
`;
const withFile = policyText.replace(
  /scope:\n\s+- \{ actions: \[batches\.delete\].*\n.*batches\.read.*\n/,
  `scope: ${REPAIR_FILE}\n`,
);

let stage: Stage;
beforeAll(async () => {
  expect(withFile).toContain(REPAIR_FILE);
  stage = await startStage();
});
afterAll(() => stage.stop());

const file = (name: string, text: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
const planOf = (visit: Visit) => visit.page.locator('#edit ~ div');
const inForce = async () => must(await stage.world.people.ada.get('/v1/policy'), 200);

describe.each(looks)('on a $size, $colorScheme, with JavaScript $javaScriptEnabled', (look) => {
  const { size, ...more } = look;
  const options = { ...(size === 'phone' ? phone : desktop), ...more };
  const seen = async ({ page }: Visit, name: string) => {
    if (look.javaScriptEnabled) await expectAccessible(page, name);
    await picture(page, `policy-${name}-${size}-${look.colorScheme}`, true);
  };

  test('an administrator changes a policy with a scope file, reads who gains and loses, and two sign it', async () => {
    const visit = await stage.visit('ada', options);
    const { page } = visit;
    await page.goto('/policy');
    // The policy in force is of files or without, as the test before left it: both begin with nothing to change.
    await page.getByRole('button', { name: 'Check and plan' }).click();
    await page.getByText('Nothing would change.').waitFor();

    // Its file is missing: said at the line that names it, and asked for.
    await page.getByLabel('Policy text').fill(withFile);
    await clear(visit);
    await page.getByRole('button', { name: 'Check and plan' }).click();
    await planOf(visit).getByText(`${REPAIR_FILE} cannot be read`).waitFor();
    await page.getByLabel(REPAIR_FILE, { exact: true }).fill(REPAIR.replace('"read"', '"reed"'));
    await page.getByRole('button', { name: 'Check and plan' }).click();
    // A mistake in it is told by its own lines, with everything that was typed still there.
    await planOf(visit)
      .getByText(/^policies\/repair\.json:3:/)
      .waitFor();
    expect(await page.getByLabel('Policy text').inputValue()).toContain(REPAIR_FILE);
    await seen(visit, 'mistake-in-file');

    const wider = REPAIR.replace(
      '"batches.read"',
      `"batches.read", "batches.list-${size}-${look.colorScheme}"`,
    );
    await page.getByLabel(REPAIR_FILE, { exact: true }).fill(wider);
    await page.getByRole('button', { name: 'Check and plan' }).click();
    await planOf(visit).getByText('repair changes').waitFor();
    await planOf(visit)
      .getByText(/1 permission more/)
      .waitFor();
    await seen(visit, 'plan');
    await page.getByRole('button', { name: 'Put it forward' }).click();
    await page.getByText('It now waits for signatures.').waitFor();
    await page.getByLabel('A code of one of your factors').fill(stage.world.people.ada.code());
    await seen(visit, 'proposed');
    await page.getByRole('button', { name: 'Sign it' }).click();
    await page.getByText('Signed: 1 of 2.').waitFor();
    await visit.close();

    const second = await stage.visit('bo', options);
    await second.page.goto('/policy');
    await second.page.getByText('repair changes').waitFor();
    await second.page.getByLabel('A code of one of your factors').fill(stage.world.people.bo.code());
    await second.page.getByRole('button', { name: 'Sign it' }).click();
    await second.page.getByText('This policy is in force now.').waitFor();
    const { policy } = await inForce();
    expect(JSON.stringify(policy.entitlements.repair.scope)).toContain(
      `batches.list-${size}-${look.colorScheme}`,
    );
    // The text names the file; what it meant stands beside it, and planned again it changes nothing.
    expect(await second.page.getByLabel(REPAIR_FILE, { exact: true }).inputValue()).toContain('batches.list');
    await second.page.getByRole('button', { name: 'Check and plan' }).click();
    await second.page.getByText('Nothing would change.').waitFor();
    await second.close();
  });

  test('the files themselves are chosen, all at once, and one that is nobody’s is said', async () => {
    const visit = await stage.visit('ada', options);
    const { page } = visit;
    await page.goto('/policy');
    await page
      .getByLabel('Or choose the files')
      .setInputFiles([file('countersign.yaml', withFile), file('other.json', REPAIR)]);
    await page.getByRole('button', { name: 'Check and plan' }).click();
    await page.getByText('Nothing here is called other.json.').waitFor();
    expect(await page.getByLabel('Or choose the files').getAttribute('aria-invalid')).toBe('true');
    await seen(visit, 'strange-file');
    const narrow = REPAIR.replace(/,\n.*batches\.read.*\n/, '\n');
    await page
      .getByLabel('Or choose the files')
      .setInputFiles([file('countersign.yaml', withFile), file('repair.json', narrow)]);
    await page.getByRole('button', { name: 'Check and plan' }).click();
    await planOf(visit).getByText('repair changes').waitFor();
    // They stand in the form now, to be read, changed, and put forward.
    expect(await page.getByLabel(REPAIR_FILE, { exact: true }).inputValue()).toBe(narrow);
    expect(await page.getByRole('button', { name: 'Put it forward' }).count()).toBe(1);
    await visit.close();
  });
});

/** Takes the scope file's text out, where one is shown. */
async function clear({ page }: Visit): Promise<void> {
  const shown = page.getByLabel(REPAIR_FILE, { exact: true });
  if ((await shown.count()) > 0) await shown.fill('');
}

test('a policy of many files fits: half a megabyte is taken, more is refused with the reason', async () => {
  const visit = await stage.visit('ada');
  await visit.page.goto('/policy');
  const long = `${withFile}${'# why\n'.repeat(30_000)}`;
  await visit.page
    .getByLabel('Or choose the files')
    .setInputFiles([file('countersign.yaml', long), file('repair.json', REPAIR)]);
  await visit.page.getByRole('button', { name: 'Check and plan' }).click();
  await visit.page.getByRole('heading', { name: 'What publishing would do' }).waitFor();
  await visit.page
    .getByLabel('Or choose the files')
    .setInputFiles([file('countersign.yaml', `${long}${long}`), file('repair.json', REPAIR)]);
  await visit.page.getByRole('button', { name: 'Check and plan' }).click();
  await visit.page.getByText('The body is larger than 512 KiB.').waitFor();
  await visit.close();
});

test('a form with files from another site, or without this sign-in’s token, does nothing', async () => {
  const visit = await stage.visit('ada');
  const send = (multipart: Record<string, string>, headers: Record<string, string>) =>
    visit.page.request.post('/policy/proposals', { multipart: { text: withFile, ...multipart }, headers });
  const own = { origin: stage.world.url, 'sec-fetch-site': 'same-origin', accept: 'text/html' };
  await visit.page.goto('/policy');
  const token = await visit.page.locator('[name="form_token"]').first().inputValue();
  expect((await send({}, own)).status()).toBe(401);
  expect((await send({ form_token: `${token}x` }, own)).status()).toBe(401);
  const foreign = { ...own, origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };
  expect((await send({ form_token: token }, foreign)).status()).toBe(401);
  // The same, as its own page sends it, is read: its file is missing.
  expect((await send({ form_token: token }, own)).status()).toBe(422);
  // Nowhere else are files read.
  const elsewhere = { multipart: { form_token: token, label: 'phone' }, headers: own };
  expect((await visit.page.request.post('/account/factors', elsewhere)).status()).toBe(400);
  await visit.close();
});

test('who is no administrator reads the policy and its files, and changes nothing', async () => {
  const visit = await stage.visit('maya');
  await visit.page.goto('/policy');
  await visit.page.getByText(REPAIR_FILE, { exact: true }).click();
  await visit.page.getByText('the file itself, with its comments, is not kept').waitFor();
  expect(await visit.page.getByRole('button', { name: 'Check and plan' }).count()).toBe(0);
  await expectAccessible(visit.page);
  await picture(visit.page, 'policy-read-files', true);
  await visit.close();
});
