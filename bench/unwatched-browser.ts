import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browserFlags, findBrowser } from '../test/browser/find-browser.ts';

/**
 * Opens an address in a browser of its own and closes it when `reported` is there. Nobody's developer tools look on, as
 * they do when a test steers it: then a browser keeps a copy of every answer, and fetching takes twice as long.
 */
export async function openUnwatched<Report>(url: string, reported: Promise<Report>): Promise<Report> {
  const profile = mkdtempSync(join(tmpdir(), 'countersign-browser-'));
  // With a port that nobody uses it stays open.
  const flags = [...browserFlags, '--remote-debugging-port=0', `--user-data-dir=${profile}`];
  const browser = spawn(await findBrowser(), [...flags, url], { stdio: 'ignore' });
  const closed = new Promise<never>((_, reject) => {
    browser.once('error', reject);
    browser.once('exit', (code) =>
      reject(new Error(`the browser stopped with ${code} before it told anything`)),
    );
  });
  try {
    return await Promise.race([reported, closed]);
  } finally {
    closed.catch(() => undefined);
    const gone = new Promise((resolve) => browser.once('close', resolve));
    browser.kill();
    await gone;
    rmSync(profile, { recursive: true, force: true });
  }
}
