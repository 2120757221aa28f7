import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { base64, fromUtf8, utf8 } from '../../src/log/bytes.ts';
import { parseCheckpoint, signCheckpoint } from '../../src/log/checkpoint.ts';
import { splitNote } from '../../src/log/note.ts';
import { leafHash } from '../../src/log/tree.ts';
import { ed25519Signer } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import type { Name } from '../http/harness.ts';
import { openedGrant } from '../http/story.ts';
import { expectAccessible, phone, picture, type Stage, startStage } from './stage.ts';

/**
 * The log page as an auditor meets it: a real Chromium, a real broker, a real sign-in. Nothing between the browser's
 * verdict and the bytes in the database is put in place of anything.
 */
let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  // More than one page of entries.
  for (let grants = 0; grants < 2; grants++) await openedGrant(stage.world);
}, 120_000);
afterAll(() => stage?.stop());

/** A browser of somebody who signed in, on the broker's clock; whatever its pages complain of fails the test. */
async function pageOf(name: Name, options: BrowserContextOptions = {}): Promise<Page> {
  const { page, close } = await stage.visit(name, options);
  onTestFinished(close);
  if (options.javaScriptEnabled !== false) await page.clock.setFixedTime(stage.world.clock.nowMs());
  return page;
}

/** Presses Verify and reads the verdicts, each in the words of the command line. */
async function verify(page: Page): Promise<Readonly<Record<string, string>>> {
  await page.click('[data-start]');
  await page.waitForFunction(() => !document.querySelector<HTMLButtonElement>('[data-start]')?.disabled);
  const said = await page.textContent('[data-said]');
  expect(said).toContain('entries in');
  return page.$eval('[data-verdicts]', (list) =>
    Object.fromEntries(
      [...list.querySelectorAll('dt')].map((term) => [
        term.textContent.replace(/^.|:.*$/g, '').trim(),
        `${term.textContent.charAt(0)} ${term.nextElementSibling?.textContent}`,
      ]),
    ),
  );
}

const shot = (page: Page, name: string): Promise<void> => picture(page, `log-${name}`, true);

const database = () => new Database(join(stage.world.data, 'countersign.db'));

/** Changes a stored entry behind the broker's back, and changes it back when the test is over. */
function tamper(
  seq: number,
  change: (text: string) => string,
): { readonly was: string; readonly is: string } {
  const db = database();
  // Whoever has the file can do what the program cannot.
  db.exec('drop trigger if exists entries_are_never_changed');
  const read = db.prepare<[number], Buffer>('select bytes from entries where seq = ?').pluck();
  const write = db.prepare('update entries set bytes = ? where seq = ?');
  const before = new Uint8Array(read.get(seq) ?? []);
  const after = utf8(change(fromUtf8(before)));
  expect(after).not.toEqual(before);
  write.run(after, seq);
  onTestFinished(() => {
    write.run(before, seq);
    db.close();
  });
  return { was: base64(leafHash(nodeHasher, before)), is: base64(leafHash(nodeHasher, after)) };
}

test('an auditor verifies the log in the browser, keeps the checkpoint, and is then told that nothing was cut off', async () => {
  const page = await pageOf('noor');
  await page.goto('/log');
  const first = await verify(page);
  expect(first['Intact']).toBe('✓ chain, tree, signatures');
  expect(first['Complete']).toMatch(/^\? Nothing was held/);
  expect(first['Conformant']).toMatch(/^✓ ticket, factor, reviewer, limit/);
  await page.click('[data-keep]');
  await openedGrant(stage.world);
  await page.reload();
  expect(await page.textContent('[data-kept]')).toContain('You keep a checkpoint of');
  const second = await verify(page);
  expect(second['Complete']).toMatch(/^✓ first \d+, by the kept checkpoint/);
  await shot(page, 'verified');
  await expectAccessible(page);
});

test('an entry that was changed in the database turns red, with the hash that was expected and the one found', async () => {
  const page = await pageOf('noor');
  const changed = tamper(5, (text) => text.replace('"decided_at_ms":17', '"decided_at_ms":16'));
  await page.goto('/log');
  const verdicts = await verify(page);
  expect(verdicts['Intact']).toBe('✗ entry #5: hash differs from the one that #6 was bound to');
  expect(verdicts['Conformant']).toBe('? not judged: the log is not intact');
  const row = page.locator('tr[data-seq="5"]');
  await expect.poll(() => row.getAttribute('class')).toContain('broken');
  expect(await row.textContent()).toContain(
    `Broken link: expected ${changed.was.slice(0, 8)}, found ${changed.is.slice(0, 8)}`,
  );
  expect(await row.locator('strong').getAttribute('title')).toBe(`${changed.was} ≠ ${changed.is}`);
  expect(await page.locator('tr.broken').count()).toBe(1);
  expect(await page.textContent('[data-broken]')).toContain('entry #5');
  await shot(page, 'tampered');
  await expectAccessible(page);
  // Without verifying, and without a script, its own page says so too.
  await page.goto('/log/5');
  expect(await page.textContent('.links')).toContain('Broken link');
  expect(await page.textContent('main')).toContain('The path does not end at the signed root');
  await shot(page, 'entry-tampered');
});

test('an entry that is no JSON any more is told as such, and the table still stands', async () => {
  const page = await pageOf('noor');
  tamper(7, (text) => text.slice(1));
  await page.goto('/log');
  expect((await verify(page))['Intact']).toBe('✗ entry #7: not json');
  expect(await page.locator('tr[data-seq="7"]').textContent()).toContain('This entry cannot be read');
});

test('a checkpoint of another history, pasted, is contradicted by the log', async () => {
  const page = await pageOf('noor');
  const head = await stage.world.broker.store.head();
  const { origin, size } = parseCheckpoint(splitNote(head?.checkpoint ?? new Uint8Array()).text);
  const signer = ed25519Signer(origin, readFileSync(join(stage.world.data, 'keys', 'log.pem'), 'utf8'));
  const other = await signCheckpoint(
    nodeHasher,
    { origin, size: size - 3, root: new Uint8Array(32) },
    signer,
  );
  await page.goto('/log');
  await page.click('summary:has-text("Compare with")');
  await page.fill('[data-held]', fromUtf8(other));
  const verdicts = await verify(page);
  expect(verdicts['Intact']).toBe('✓ chain, tree, signatures');
  expect(verdicts['Complete']).toBe(
    `✗ The first ${size - 3} entries are not those for which the held checkpoint was signed.`,
  );
});

test('a kept key that did not sign the log is no key of it', async () => {
  const page = await pageOf('noor');
  await page.goto('/log');
  await page.evaluate(() =>
    localStorage.setItem(
      'countersign.log',
      JSON.stringify({
        checkpoint: 'x\n1\n',
        logKey: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
        at: '2026-01-01T00:00:00.000Z',
      }),
    ),
  );
  expect((await verify(page))['Intact']).toMatch(/^✗ The log's signed checkpoint does not hold/);
});

test('the page itself compiles no WebAssembly and starts no worker from a plain address', async () => {
  const { page, context } = await stage.visit('noor');
  // What is tried here is reported as it should be, so the page's complaints are not looked at.
  onTestFinished(() => context.close());
  await page.goto('/log');
  const tried = await page.evaluate(() => {
    const attempt = (work: () => unknown): string => {
      try {
        work();
        return 'done';
      } catch (error) {
        return error instanceof Error ? error.name : 'thrown';
      }
    };
    const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    return [
      attempt(() => new WebAssembly.Module(module)),
      attempt(() => new Worker('/log/verify-worker.js')),
    ];
  });
  expect(tried).toEqual(['CompileError', 'TypeError']);
});

test('without JavaScript the newest entries stand there, older ones a link away, and the filter works', async () => {
  const page = await pageOf('noor', { javaScriptEnabled: false });
  await page.goto('/log');
  const size = (await stage.world.broker.store.head())?.size ?? 0;
  expect(await page.locator('tbody tr').count()).toBe(50);
  expect(await page.locator('tbody tr').first().getAttribute('data-seq')).toBe(String(size - 1));
  expect(await page.textContent('noscript')).toContain('countersign log verify');
  await page.click('text=Older');
  await page.waitForURL(/before=/);
  expect(await page.locator('tbody tr').first().getAttribute('data-seq')).toBe(String(size - 51));
  await page.goto('/log');
  await page.click('summary:has-text("Narrow it down")');
  await page.selectOption('select[name=kind]', 'session');
  await page.click('button:has-text("Show")');
  await page.waitForURL(/kind=session/);
  const kinds = await page.locator('.kind').allTextContents();
  expect(new Set(kinds)).toEqual(new Set(['session']));
  await page.fill('input[name=since]', '2026-02-31');
  await page.click('button:has-text("Show")');
  await page.waitForURL(/since=2026/);
  expect(await page.textContent('.mistake')).toContain('Write a day such as');
  expect(await page.inputValue('input[name=since]')).toBe('2026-02-31');
  await shot(page, 'no-script');
});

test('on a phone in the dark the table scrolls from the newest entry to the first', async () => {
  const page = await pageOf('noor', { ...phone, colorScheme: 'dark' });
  await page.goto('/log');
  await page.locator('[data-window]').evaluate((view) => view.scrollTo(0, view.scrollHeight));
  await expect.poll(() => page.locator('tr[data-seq="0"]').textContent()).toMatch(/#0/);
  await page.fill('#goto', '3');
  await page.click('[data-goto] button[type=submit]');
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('#3');
  await shot(page, 'phone-dark');
  await expectAccessible(page);
  const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(sideways).toBeLessThanOrEqual(0);
});

test('where a page ends, older rows are added to it, down to the first entry', async () => {
  const page = await pageOf('noor');
  await page.goto('/log?before=54');
  expect(await page.locator('tbody tr').count()).toBe(50);
  await page.click('[data-older]');
  await expect.poll(() => page.locator('tbody tr').count()).toBe(54);
  expect(await page.locator('tbody tr').last().getAttribute('data-seq')).toBe('0');
  expect(await page.locator('[data-older]').count()).toBe(0);
});

test('a filter shows what is about one request, to the day, and nothing else', async () => {
  const page = await pageOf('noor');
  const { request } = await openedGrant(stage.world);
  await page.goto(`/log?about=${request}`);
  const told = await page.locator('tbody tr').allTextContents();
  expect(told.length).toBeGreaterThanOrEqual(4);
  expect(told.some((line) => line.includes('Maya Okafor asked for'))).toBe(true);
  const day = new Date(stage.world.clock.nowMs() + 2 * 86_400_000).toISOString().slice(0, 10);
  await page.goto(`/log?about=${request}&since=${day}`);
  expect(await page.locator('tbody tr').count()).toBe(0);
  expect(await page.textContent('[data-pager]')).toContain('No entry fits.');
});

test('an entry stands on a page of its own, and its proof is one that others check', async () => {
  const page = await pageOf('noor');
  await page.goto('/log/9');
  expect(await page.textContent('main')).toContain('The path ends at the signed root.');
  await shot(page, 'entry');
  await expectAccessible(page);
  const proof = await page.evaluate(async () => (await fetch('/log/9/proof')).text());
  expect(proof).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex 9\n/);
  expect((await page.goto('/log/99999'))?.status()).not.toBe(200);
});

test('the log is for auditors and administrators: a developer reads none of it', async () => {
  const page = await pageOf('maya');
  for (const path of [
    '/log',
    '/log/rows?from=0&to=9',
    '/log/ranges/0?count=1',
    '/log/checkpoint',
    '/log/3',
    '/log/3/bytes',
    '/log/3/proof',
    '/log/found?about=r-',
  ]) {
    const answer = await page.goto(path);
    expect([path, answer?.status()]).toEqual([path, 403]);
    expect(await answer?.text()).not.toContain('specversion');
  }
});
