import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openedGrant } from '../http/story.ts';
import { desktop, expectAccessible, looks, phone, picture, type Stage, signIn, startStage } from './stage.ts';

/** Somebody without an engineer, who was sent a link: checks the log and takes a proof away. */
let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
  await openedGrant(stage.world);
});
afterAll(() => stage.stop());

describe.each(looks)('on a $size, $colorScheme, with JavaScript $javaScriptEnabled', (look) => {
  test('from the link to a verified log and a proof on the disk, in four clicks, the link among them', async () => {
    const { size, ...options } = look;
    const { page, close } = await stage.visit(null, { ...(size === 'phone' ? phone : desktop), ...options });
    const today = new Date(stage.world.clock.nowMs()).toISOString().slice(0, 10);
    if (look.javaScriptEnabled) await page.clock.setFixedTime(stage.world.clock.nowMs());
    await signIn(page, 'noor', `/log?since=${today}&kind=session`);
    const shot = async (name: string) => {
      if (look.javaScriptEnabled) await expectAccessible(page, name);
      await picture(page, `auditor-${name}-${size}-${look.colorScheme}`, true);
    };

    expect(await page.locator('tr[data-seq]').count()).toBe(2);
    if (look.javaScriptEnabled) {
      await page.getByRole('button', { name: 'Verify', exact: true }).click();
      await page.getByText('ticket, factor, reviewer, limit').waitFor();
      expect(await page.locator('[data-verdicts] .good').count()).toBeGreaterThan(1);
      expect(await page.locator('[data-verdicts] .bad').count()).toBe(0);
    } else {
      expect(await page.locator('noscript').innerText()).toContain('countersign log verify log');
    }
    await shot('verified');
    await page
      .getByRole('link', { name: /^#\d+$/ })
      .first()
      .click();
    await page.getByText('The path ends at the signed root.').waitFor();
    await shot('entry');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Take the proof away' }).click(),
    ]);
    const proof = readFileSync(await download.path(), 'utf8');
    expect(proof).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
    // A proof is of one entry: its number stands in its name and in it.
    const seq = /^entry-(\d+)\.tlog-proof$/.exec(download.suggestedFilename())?.[1];
    expect(proof).toContain(`index ${seq}\n`);
    await close();
  });
});
