import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { browserFlags, findBrowser } from '../test/browser/find-browser.ts';
import { startWorld, type World } from '../test/http/harness.ts';
import { policyText } from '../test/http/policy-text.ts';
import { ask } from '../test/http/story.ts';
import { median, printTable } from './harness.ts';

/**
 * The review page, cold, on an emulated slow phone: 1.6 Mbit/s, 150 ms, a quarter of this processor. Until the frame in
 * which Approve, which a passkey signs, can be pressed. The browser's own emulation delays each answer; opening a
 * connection costs it nothing. Beside it the same page without the brakes, in the same run; and how long a thousand open
 * streams take to hear of an entry.
 */
const RUNS = 7;
const STREAMS = Number(process.argv[2] ?? 1_000);
/** A person's pages are counted; a bench that opens more waits. */
const OPENED_EACH_SECOND = 45;

const world = await startWorld({
  policy: policyText.replace('review: totp', 'review: passkey'),
  host: 'localhost',
});
const browser = await chromium.launch({
  executablePath: await findBrowser(),
  args: [...browserFlags],
  chromiumSandbox: false,
});
try {
  const { request } = await ask(world);
  const braked = await timesOf(browser, world, request, true);
  const free = await timesOf(browser, world, request, false);
  printTable(
    'the review page, cold',
    ['', 'slow phone', 'without brakes', 'aim'],
    [
      ['decision possible, ms (median)', braked.readyMs, free.readyMs, 700],
      ['the same, best', braked.bestMs, free.bestMs, ''],
      ['on the wire, KiB', braked.bytes / 1024, free.bytes / 1024, 20],
      ['its JavaScript, KiB gzipped', scriptBytes() / 1024, '', 10],
      ['the server’s part, ms (median)', '', serverMs(world), ''],
    ],
  );
  printTable(
    'live streams',
    ['open at once', 'all told, ms'],
    [[String(STREAMS), await hearing(browser, world)]],
  );
} finally {
  await browser.close();
  await world.stop();
}

async function signedIn(from: Browser, { url }: World, name: string): Promise<BrowserContext> {
  const context = await from.newContext({
    baseURL: url,
    viewport: { width: 390, height: 844 },
    isMobile: true,
  });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('link', { name: 'Sign in with corp' }).click();
  await page.locator(`button[value="${name}"]`).click();
  await page.waitForURL(`${url}/`);
  await page.close();
  return context;
}

/** A reviewer who has a passkey: made by a virtual authenticator, as in the tests. */
async function enrolled(context: BrowserContext, code: string): Promise<void> {
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto('/account');
  await page.getByLabel('A name for it').fill('bench');
  await page.getByLabel('A code of a factor you already have').fill(code);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  await page.close();
}

async function timesOf(from: Browser, at: World, request: string, isBraked: boolean) {
  const context = await signedIn(from, at, 'tomas');
  if (isBraked) await enrolled(context, at.people.tomas.code());
  const runs: { readonly readyMs: number; readonly bytes: number }[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const page = await context.newPage();
    runs.push(await onceOn(page, context, `/requests/${request}/review`, isBraked));
    await page.close();
  }
  await context.close();
  return {
    readyMs: median(runs.map(({ readyMs }) => readyMs)),
    bestMs: Math.min(...runs.map(({ readyMs }) => readyMs)),
    bytes: median(runs.map(({ bytes }) => bytes)),
  };
}

async function onceOn(page: Page, context: BrowserContext, path: string, isBraked: boolean) {
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  if (isBraked) {
    const bytesPerSecond = 1_600_000 / 8;
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 150,
      downloadThroughput: bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    });
    await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  }
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.addInitScript(watchForApprove);
  await page.goto(path, { waitUntil: 'load' });
  await page.waitForFunction(() => document.documentElement.dataset['ready'] !== undefined);
  const readyMs = await page.evaluate(() => Number(document.documentElement.dataset['ready']));
  return { readyMs, bytes };
}

/** Notes the frame in which Approve can be pressed, from inside: asking from outside would cost the slow phone time. */
function watchForApprove(): void {
  const look = () => {
    const button = document.querySelector('button.main[data-passkey-sign]:not([disabled])');
    if (button === null) requestAnimationFrame(look);
    else document.documentElement.dataset['ready'] = String(performance.now());
  };
  requestAnimationFrame(look);
}

/** Entry files of the review page and what they share. */
function scriptBytes(): number {
  const files = readdirSync('dist/islands').filter((name) => /^(?:page|passkey)\./.test(name));
  return files.reduce((sum, name) => sum + gzipSync(readFileSync(`dist/islands/${name}`)).length, 0);
}

/** From the broker's own log lines; asking the identity provider anew each time is in it. */
function serverMs({ lines }: World): number {
  const told = lines.map((line) => JSON.parse(line) as { route?: string; milliseconds?: number });
  return median(
    told.filter(({ route }) => route === '/requests/:id/review').map(({ milliseconds }) => milliseconds ?? 0),
  );
}

/** From the call that writes an entry until the last stream was told of it. */
async function hearing(from: Browser, at: World): Promise<number> {
  const { request } = await ask(at);
  const { items } = (await at.people.maya.get(`/v1/requests/${request}/timeline`)).body;
  const last = items.at(-1).entry;
  const context = await signedIn(from, at, 'maya');
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const streams: Response[] = [];
  while (streams.length < STREAMS) {
    const many = streams.length === 0 ? 200 : OPENED_EACH_SECOND;
    const opened = Array.from({ length: Math.min(many, STREAMS - streams.length) }, () =>
      fetch(`${at.url}/requests/${request}/events?after=${last}`, {
        headers: { cookie, 'sec-fetch-site': 'same-origin' },
      }),
    );
    streams.push(...(await Promise.all(opened)));
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  const refused = streams.filter(({ status }) => status !== 200).length;
  if (refused > 0) throw new Error(`${refused} streams were refused`);
  const heard = streams.map((stream) => firstEntry(stream));
  const began = performance.now();
  const { status } = await at.people.maya.post(`/v1/requests/${request}/withdrawal`);
  if (status !== 200) throw new Error(`the request was not withdrawn: ${status}`);
  await Promise.all(heard);
  const took = performance.now() - began;
  await context.close();
  return took;
}

async function firstEntry(stream: Response): Promise<void> {
  for await (const chunk of stream.body ?? []) {
    if (new TextDecoder().decode(chunk).includes('event: entry')) return;
  }
  throw new Error('a stream ended before it told anything');
}
