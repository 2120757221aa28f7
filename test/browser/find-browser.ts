import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';

const INSTALLED: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Nothing that reaches out, keeps anything, or asks a person. */
export const browserFlags: readonly string[] = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Any Chrome or Chromium of this machine; on a bare one, the browser that comes inside a package.
 * @throws Error that names the one command that gets one
 */
export async function findBrowser(): Promise<string> {
  const named = process.env['COUNTERSIGN_TEST_BROWSER'];
  const installed = named ?? INSTALLED.find((path) => existsSync(path));
  if (installed !== undefined) return installed;
  try {
    return await sparticuz.executablePath();
  } catch (cause) {
    throw new Error('There is no browser to test with. Get one: apt-get install chromium', { cause });
  }
}
