import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';
import { type Name, startWorld, type World, type WorldOptions } from '../http/harness.ts';
import { browserFlags, findBrowser } from './find-browser.ts';

export interface Stage {
  readonly world: World;
  readonly browser: Browser;
  /** A browser of its own, signed in as one of the people; whatever its pages report is looked at on `close`. */
  visit(name: Name | null, options?: BrowserContextOptions): Promise<Visit>;
  stop(): Promise<void>;
}

export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Fails when a page broke its own security policy or a script threw. */
  close(): Promise<void>;
}

/** The whole broker, its people, the demo identity provider, and a real browser. */
export async function startStage(options: WorldOptions = {}): Promise<Stage> {
  if (!existsSync('dist/islands/manifest.json')) throw new Error('Build the islands first: npx vite build');
  const [world, path] = await Promise.all([startWorld(options), findBrowser()]);
  const browser = await chromium.launch({
    executablePath: path,
    args: [...browserFlags],
    chromiumSandbox: false,
  });
  return {
    world,
    browser,
    visit: (name, more = {}) => visit(browser, world, name, more),
    stop: async () => {
      await browser.close();
      await world.stop();
    },
  };
}

export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};
export const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 900 } };

/** Every size, colour and script beside every other at least once. */
export const looks = [
  { size: 'phone', colorScheme: 'light', javaScriptEnabled: true },
  { size: 'desktop', colorScheme: 'dark', javaScriptEnabled: true },
  { size: 'phone', colorScheme: 'dark', javaScriptEnabled: false },
  { size: 'desktop', colorScheme: 'light', javaScriptEnabled: false },
] as const;

async function visit(
  browser: Browser,
  world: World,
  name: Name | null,
  options: BrowserContextOptions,
): Promise<Visit> {
  const context = await browser.newContext({ baseURL: world.url, ...desktop, ...options });
  context.setDefaultTimeout(8_000);
  const page = await context.newPage();
  const troubles: string[] = [];
  // Of every page that is opened in it, also by a link into a tab of its own.
  context.on('weberror', (error) => troubles.push(String(error.error())));
  context.on('console', (message) => {
    // A refusal is an answer that tests look for; a broken policy is a defect wherever it happens.
    const isOurs = message.text().includes('Security Policy') || message.text().includes('Trusted');
    if (message.type() === 'error' && isOurs) troubles.push(message.text());
  });
  if (name !== null) await signIn(page, name);
  return {
    page,
    context,
    close: async () => {
      await context.close();
      expect(troubles).toEqual([]);
    },
  };
}

/** Through the page, the provider's page, and back. */
export async function signIn(page: Page, name: Name, from = '/'): Promise<void> {
  await page.goto(from);
  await page.getByRole('link', { name: 'Sign in with corp' }).click();
  await page.locator(`button[value="${name}"]`).click();
  await page.waitForURL((url) => url.pathname === new URL(from, 'http://x').pathname);
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page as it stands: nothing, or the test fails and says what. */
export async function expectAccessible(page: Page, name = page.url()): Promise<void> {
  // Over the debugging protocol: the page's own policy lets no foreign script in.
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const run = (globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe.run();
    return (await run).violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`,
    );
  });
  expect(found, name).toEqual([]);
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** The page as it stands, on a phone and a desktop, by day and by night: clean for axe, no wider than the screen, pictured. */
export async function inEveryLook(page: Page, name: string): Promise<void> {
  const before = page.viewportSize();
  for (const [size, { viewport }] of Object.entries({ phone, desktop })) {
    if (viewport == null) continue;
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expectAccessible(page, `${name}, ${size}, ${colorScheme}`);
      await picture(page, `${name}-${size}-${colorScheme}`, true);
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, `${name} is not wider than a ${size}`).toBeLessThanOrEqual(viewport.width);
  }
  await page.emulateMedia({ colorScheme: null });
  if (before !== null) await page.setViewportSize(before);
}

/** For a person to look at. */
export async function picture(page: Page, name: string, fullPage = false): Promise<void> {
  mkdirSync('test-results', { recursive: true });
  const take = () => page.screenshot({ path: `test-results/${name}.png`, fullPage });
  // A busy machine's browser sometimes has no frame to show yet.
  await take().catch(take);
}
