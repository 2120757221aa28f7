import { generateSync } from 'otplib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEntry } from '../../src/log/entry.ts';
import type { Name } from '../http/harness.ts';
import { enrol, signIn as signInAgain } from '../http/person.ts';
import { policyText } from '../http/policy-text.ts';
import { must } from '../http/story.ts';
import {
  addCredentials,
  credentialsOf,
  enrolSecondPasskey,
  passkeyHolders,
  withAuthenticator,
} from './authenticator.ts';
import { desktop, inEveryLook, phone, picture, type Stage, startStage, type Visit } from './stage.ts';

/** What one does about colleagues and about one's own factors, first by codes, then by passkeys. */
let stage: Stage;
const personOf = (name: Name) => stage.world.people[name];
const factorsOf = async (name: Name) => must(await personOf(name).get('/v1/me'), 200).factors;

async function entriesOf(type: string): Promise<readonly unknown[]> {
  const { size } = (await stage.world.broker.store.head()) ?? { size: 0 };
  const found = [];
  for await (const bytes of stage.world.broker.store.entries(0, size)) {
    const entry = readEntry(bytes);
    if (entry.type === type) found.push(entry);
  }
  return found;
}

/** Types a code into the form of a section, and sends it. */
async function signByCode({ page }: Visit, title: string, by: Name, button = title): Promise<void> {
  const section = page.locator('section', { has: page.getByRole('heading', { name: title }) });
  await section.getByLabel('Your code').fill(personOf(by).code());
  await section.getByRole('button', { name: button }).click();
}

async function signByPasskey({ page }: Visit, title: string, button = title): Promise<void> {
  const section = page.locator('section', { has: page.getByRole('heading', { name: title }) });
  await section.getByRole('button', { name: button }).click();
}

describe.each([true, false])('by codes, with JavaScript %s', (javaScriptEnabled) => {
  const options = { ...(javaScriptEnabled ? phone : desktop), javaScriptEnabled };
  beforeAll(async () => {
    stage = await startStage();
  });
  afterAll(() => stage.stop());
  const look = async ({ page }: Visit, name: string) => {
    if (javaScriptEnabled) await inEveryLook(page, `people-${name}`);
    else await picture(page, `people-${name}-without-script`, true);
  };

  test('two administrators take somebody’s factors away: one asks with a reason, another one confirms', async () => {
    const path = `/people/${personOf('ines').id}`;
    const first = await stage.visit('ada', options);
    await first.page.goto(path);
    await first.page.getByLabel('Why').last().fill('Her bag was stolen, with everything in it.');
    await signByCode(first, 'Reset their factors', 'ada', 'Ask for it');
    await first.page.getByText('Recorded:').waitFor();
    // Asking twice, or confirming one's own ask, is not offered.
    expect(await first.page.getByRole('button', { name: 'Ask for it' }).count()).toBe(0);
    expect(await first.page.getByRole('button', { name: 'Take their factors away' }).count()).toBe(0);
    await first.page.getByText('another administrator has to confirm it').waitFor();
    await look(first, 'reset-asked');
    await first.close();
    expect(await factorsOf('ines')).toHaveLength(1);

    const second = await stage.visit('bo', options);
    await second.page.goto(path);
    await second.page.getByText('Ada Byron asks that their factors be taken away.').waitFor();
    await second.page.getByText('Her bag was stolen, with everything in it.').waitFor();
    await look(second, 'reset-waits');
    const confirming = second.page.locator('section', { hasText: 'A reset waits' });
    await confirming.getByLabel('Your code').fill('000000');
    await confirming.getByRole('button').click();
    await second.page.getByRole('alert').waitFor();
    expect(await second.page.locator('.mistake, .warning').count()).toBeGreaterThan(0);
    await signByCode(second, 'A reset waits for a second administrator', 'bo', 'Take their factors away');
    await second.page.getByText('Recorded:').waitFor();
    expect(await second.page.getByText('A reset waits').count()).toBe(0);
    await second.close();
    const back = await signInAgain(stage.world, 'ines');
    expect(must(await back.get('/v1/me'), 200).factors).toEqual([]);
  });

  test('a colleague who leaves and comes back is recorded, each with a reason', async () => {
    const visit = await stage.visit('ada', options);
    await visit.page.goto(`/people/${personOf('tomas').id}`);
    const leaving = visit.page.locator('section', { hasText: 'Record that they have left' });
    await leaving.getByLabel('Why').fill(' ');
    await signByCode(visit, 'Record that they have left', 'ada');
    await visit.page.getByText('Say why: it stands in the log.').waitFor();
    await leaving.getByLabel('Why').fill('His last day was Friday.');
    await signByCode(visit, 'Record that they have left', 'ada');
    await visit.page.getByText('has left', { exact: true }).waitFor();
    expect((await personOf('tomas').get('/v1/me')).status).toBe(401);
    await look(visit, 'left');
    await visit.page.getByLabel('Why').fill('He is back.');
    await signByCode(visit, 'Record that they are back', 'ada');
    await visit.page.getByText('is here', { exact: true }).waitFor();
    await visit.close();
  });

  test('one of several factors is removed by a code, and the last one stays', async () => {
    const { noor } = stage.world.people;
    const begun = must(await noor.post('/v1/factors', { label: 'old phone' }), 201);
    const code = generateSync({ secret: begun.secret, epoch: Math.floor(stage.world.clock.nowMs() / 1000) });
    must(await noor.post(`/v1/factors/${begun.factor}/confirmation`, { code, totp: noor.code() }), 200);
    const visit = await stage.visit('noor', options);
    await visit.page.goto('/account');
    const row = visit.page.locator('li', { hasText: 'old phone' });
    await row.getByText('Remove', { exact: true }).first().click();
    await row.getByLabel('A code of one of your factors').fill(noor.code());
    await look(visit, 'removing');
    await row.getByRole('button', { name: 'Remove' }).click();
    await visit.page.getByText('Removed.').waitFor();
    expect(await factorsOf('noor')).toMatchObject([{ label: 'phone' }]);
    await visit.page.getByText('Your only factor stays.').waitFor();
    expect(await visit.page.getByText('Remove', { exact: true }).count()).toBe(0);
    await visit.close();
  });
});

describe('by passkeys', () => {
  const holder = passkeyHolders(() => stage);
  beforeAll(async () => {
    stage = await startStage({
      policy: policyText.replace('review: totp', 'review: passkey'),
      host: 'localhost',
    });
  });
  afterAll(() => stage.stop());

  test('two administrators take somebody’s factors away, each by the signature of their passkey', async () => {
    const path = `/people/${personOf('ines').id}`;
    const first = await holder('ada');
    await first.page.goto(path);
    await first.page.getByLabel('Why').last().fill('Her bag was stolen.');
    await signByPasskey(first, 'Reset their factors', 'Ask for it');
    await first.page.getByText('another administrator has to confirm it').waitFor();
    await first.close();
    const second = await holder('bo', phone);
    await second.page.goto(path);
    await second.page.getByText('Her bag was stolen.').waitFor();
    await inEveryLook(second.page, 'people-reset-waits-passkey');
    await signByPasskey(second, 'A reset waits for a second administrator', 'Take their factors away');
    await second.page.getByText('Recorded:').waitFor();
    await second.close();
    const back = await signInAgain(stage.world, 'ines');
    expect(must(await back.get('/v1/me'), 200).factors).toEqual([]);
  });

  test('leaving and coming back are signed by a passkey, and say so in the log', async () => {
    const visit = await holder('ada');
    await visit.page.goto(`/people/${personOf('tomas').id}`);
    // Somebody else signed in this browser before, with a passkey of theirs.
    await visit.page.evaluate(() => {
      localStorage.setItem('countersign.passkey', 'f-01JZX3V5Q8M2N4P6R8T0V2W4Y6');
    });
    await visit.page.locator('section', { hasText: 'have left' }).getByLabel('Why').fill('His last day.');
    await signByPasskey(visit, 'Record that they have left');
    await visit.page.getByText('has left', { exact: true }).waitFor();
    await visit.page.getByLabel('Why').fill('He is back.');
    await signByPasskey(visit, 'Record that they are back');
    await visit.page.getByText('is here', { exact: true }).waitFor();
    for (const kind of ['left', 'returned']) {
      expect(await entriesOf(`countersign.person.${kind}.v1`)).toMatchObject([
        { data: { proof: { kind: 'passkey' } } },
      ]);
    }
    await visit.close();
  });

  test('without JavaScript nothing is signed about a colleague, and the page says why', async () => {
    const visit = await stage.visit('bo', { ...desktop, javaScriptEnabled: false });
    await visit.page.goto(`/people/${personOf('maya').id}`);
    await visit.page.getByText('a passkey needs JavaScript').first().waitFor();
    const buttons = visit.page.locator('main form button');
    expect(await buttons.count()).toBeGreaterThan(2);
    for (const button of await buttons.all()) expect(await button.isDisabled()).toBe(true);
    await picture(visit.page, 'people-passkey-without-script', true);
    await visit.close();
  });

  test('a passkey removes the other factors, also the one it replaces, and the last one stays', async () => {
    const visit = await holder('noor', phone);
    const { page } = visit;
    await enrolSecondPasskey(visit, 'second key');
    await page.goto('/account');
    await inEveryLook(page, 'account-three-factors');
    for (const [label, left] of [
      ['second key', 2],
      ['authenticator', 1],
    ] as const) {
      const row = page.locator('#factors ~ ul li', { hasText: label });
      await row.getByText('Remove', { exact: true }).first().click();
      expect(await row.getByLabel('A code of one of your factors').count()).toBe(0);
      await row.getByRole('button', { name: 'Remove' }).click();
      await expect.poll(async () => (await factorsOf('noor')).length).toBe(left);
      await page.getByText('Removed.').waitFor();
    }
    await page.getByText('Your only factor stays.').waitFor();

    // And a passkey, no code, answers for one that shows codes.
    await page.getByLabel('A name for it').fill('codes again');
    expect(await page.getByLabel('A code of a factor you already have').count()).toBe(0);
    await page.getByRole('button', { name: 'Enrol an authenticator' }).click();
    const secret = (await page.locator('p > code').textContent()) ?? '';
    expect(await page.getByLabel('A code of a factor you already have').count()).toBe(0);
    const epoch = Math.floor(stage.world.clock.nowMs() / 1000);
    await page.getByLabel('The six digits it shows now').fill(generateSync({ secret, epoch }));
    await inEveryLook(page, 'account-confirm-by-passkey');
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByRole('heading', { name: 'Your recovery codes' }).first().waitFor();
    expect(await factorsOf('noor')).toMatchObject([{ kind: 'passkey' }, { label: 'codes again' }]);
    await visit.close();
  });

  test('an authenticator that has a passkey already makes no second one, and the page says so', async () => {
    const visit = await holder('bo');
    await visit.page.goto('/account');
    await visit.page.getByLabel('A name for it').fill('again');
    await visit.page.getByRole('button', { name: 'Add a passkey' }).click();
    await visit.page.getByText('holds a passkey of yours already').waitFor();
    await visit.close();
  });

  test('whoever lost everything recovers with a paper code, and a colleague’s passkey says that it was them', async () => {
    const { otto } = stage.world.people;
    const voucher = await holder('noor');
    await voucher.page.goto(`/people/${otto.id}`);
    await signByPasskey(voucher, 'Vouch for them');
    const code = (await voucher.page.locator('.what code').textContent()) ?? '';
    const [paper = ''] = await enrol(otto, code);
    const visit = await withAuthenticator(await stage.visit('otto', phone));
    await visit.page.goto('/account');
    await visit.page.getByLabel('A name for it').fill('new phone');
    await visit.page.getByText('I have lost all my factors').click();
    await visit.page.getByLabel('Recovery code').fill(paper);
    await inEveryLook(visit.page, 'account-recovering');
    await visit.page.getByRole('button', { name: 'Add a passkey' }).click();
    await visit.page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    await visit.page.goto('/account');
    await visit.page.getByText('proves nothing until a colleague has vouched').waitFor();
    await inEveryLook(visit.page, 'account-recovered');
    await voucher.page.goto(`/people/${otto.id}`);
    await inEveryLook(voucher.page, 'people-recovered');
    await signByPasskey(voucher, 'A recovered factor that nobody has vouched for', 'It was really them');
    await voucher.page.getByText('Recorded:').waitFor();
    await visit.page.reload();
    expect(await visit.page.getByText('proves nothing until').count()).toBe(0);
    await visit.close();
    await voucher.close();
  });

  test('of several passkeys the one at hand signs: whoever is asked for another one chooses', async () => {
    const both = await holder('maya');
    const [first] = await credentialsOf(both);
    await enrolSecondPasskey(both, 'newer key');
    const signed = await credentialsOf(both);
    await both.close();
    // A browser that has the older one alone, and never signed before.
    const older = await withAuthenticator(await stage.visit('maya'), 'usb');
    await addCredentials(
      older,
      signed.filter(({ credentialId }) => credentialId === first?.credentialId),
    );
    await older.page.goto(`/people/${personOf('double').id}`);
    await signByPasskey(older, 'Vouch for them');
    await older.page.getByText('Nothing was signed.').first().waitFor();
    await older.page.getByLabel('You have several passkeys').first().selectOption('key');
    await inEveryLook(older.page, 'people-which-passkey');
    await signByPasskey(older, 'Vouch for them');
    await older.page.getByRole('heading', { name: 'Their code, shown this once' }).waitFor();
    await older.close();
  });
});
