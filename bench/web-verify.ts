import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { parseVerifierKey } from '../src/log/note.ts';
import { verifyEd25519 } from '../src/platform/node-ed25519.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { verifyInWorkers } from '../src/platform/verify-in-workers.ts';
import { browserFlags, findBrowser } from '../test/browser/find-browser.ts';
import type { VerifyNews, VerifyReport, VerifyRequest } from '../web/verify/messages.ts';
import { median, millisecondsOf, printTable } from './harness.ts';
import { type FilledStore, fillStore, serveLog } from './serve-log.ts';

/**
 * The log page in a real browser: how long verifying takes there, beside the same pass by Node over the same database
 * in the same run; and what a long log costs to look at. Sizes as arguments: one to verify, one to look at.
 */
const [toVerify = 50_000, toLookAt = 1_000_000] = process.argv.slice(2).map(Number);
const RUNS = 5;
const LONGEST_LOOK_MS = 300_000;

const directory = mkdtempSync(join(tmpdir(), 'countersign-web-'));
const browser = await chromium.launch({ executablePath: await findBrowser(), args: [...browserFlags] });

/** Asks the page's own worker, from the page, as its button does. */
function verifyOn(page: Page, judges: boolean, logKey: string): Promise<VerifyReport> {
  const request: VerifyRequest = {
    ask: 'verify',
    held: [],
    logKey,
    policy: null,
    judges,
    threads: availableParallelism(),
    nowMs: Date.now(),
  };
  return page.evaluate(
    (asked) =>
      new Promise<VerifyReport>((resolve, reject) => {
        const { trustedTypes } = globalThis as unknown as { trustedTypes: Trusted };
        const policy = trustedTypes.createPolicy('bench', { createScriptURL: (url) => url });
        const worker = new Worker(policy.createScriptURL('/log/verify-worker.js'), { type: 'module' });
        worker.addEventListener('message', ({ data }: MessageEvent<VerifyNews>) => {
          if (data.tell === 'progress') return;
          worker.terminate();
          if (data.tell === 'report') resolve(data.report);
          else reject(new Error(data.why));
        });
        worker.postMessage(asked);
      }),
    request,
  );
}

interface Trusted {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

async function inNode({ store, origin, logKey }: FilledStore, path: string): Promise<number> {
  const head = await store.head();
  return millisecondsOf(async () => {
    const { intact } = await verifyInWorkers({
      hasher: nodeHasher,
      verify: verifyEd25519,
      origin,
      logKeys: [parseVerifierKey(nodeHasher, logKey)],
      checkpointNote: head?.checkpoint,
      source: { kind: 'sqlite', path },
    });
    if (!intact.passed) throw new Error(intact.why);
  });
}

async function measureVerifying(size: number): Promise<void> {
  const path = join(directory, 'verified.db');
  const log = await fillStore(path, size);
  const site = await serveLog(log);
  const page = await browser.newPage();
  await page.goto(`${site.url}/log`);
  const [checking, whole, judged, floor]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let run = 0; run < RUNS; run++) {
    const intact = await verifyOn(page, false, log.logKey);
    if (!intact.isIntact) throw new Error(intact.text);
    checking.push(intact.checkingMs);
    whole.push(intact.wholeMs);
    const all = await verifyOn(page, true, log.logKey);
    if (!all.isFaultless) throw new Error(all.text);
    judged.push(all.wholeMs);
    floor.push(await inNode(log, path));
  }
  const row = (name: string, times: readonly number[]) => [
    name,
    size,
    median(times),
    median(times) / median(floor),
  ];
  printTable(
    'Verified in the browser',
    ['pass', 'entries', 'ms', 'of Node’s'],
    [
      row('intact: bytes, chain, tree (busiest thread)', checking),
      row('intact, with fetching every entry', whole),
      row('intact, complete and conformant, with fetching', judged),
      row('intact in Node, on as many threads', floor),
    ],
  );
  await page.close();
  site.stop();
  await log.store.close();
}

/** Until what is looked for stands in the table. */
async function lookingFor(page: Page, seq: number, work: () => Promise<unknown>): Promise<number> {
  return millisecondsOf(async () => {
    await work();
    await page.locator(`tr[data-seq="${seq}"]:not(.coming)`).waitFor({ state: 'attached' });
  });
}

async function measureLooking(size: number): Promise<void> {
  const log = await fillStore(join(directory, 'looked-at.db'), size);
  const site = await serveLog(log);
  const page = await browser.newPage();
  let received = 0;
  page.on('response', async (response) => {
    received += (await response.body().catch(() => Buffer.alloc(0))).length;
  });
  const scroll = (share: number) => () =>
    page.locator('[data-window]').evaluate((view, to) => view.scrollTo(0, view.scrollHeight * to), share);
  const opened = await lookingFor(page, size - 1, () => page.goto(`${site.url}/log`));
  const first = await lookingFor(page, 0, scroll(1));
  const middle = await lookingFor(page, Math.floor(size / 3), async () => {
    await page.fill('#goto', String(Math.floor(size / 3)));
    await page.click('[data-goto] button[type=submit]');
  });
  const again = await lookingFor(page, size - 1, scroll(0));
  const filtered = await millisecondsOf(() => page.goto(`${site.url}/log?kind=session`));
  const rare = await millisecondsOf(async () => {
    await page.goto(`${site.url}/log?kind=log`);
    // A short log is looked through for the page itself.
    const older = page.locator('[data-older]');
    if ((await older.count()) > 0) await older.click();
    await page.locator('tr[data-seq="0"]').waitFor({ timeout: LONGEST_LOOK_MS });
  });
  const heap = await page.evaluate(
    () => (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize,
  );
  printTable(
    'A long log, looked at',
    ['what', 'entries', 'ms'],
    [
      ['page opened, newest entry there', size, opened],
      ['scrolled to the first', size, first],
      ['gone to one in between', size, middle],
      ['back at the newest', size, again],
      ['a filter that much fits', size, filtered],
      ['a filter that only the first entry fits', size, rare],
    ],
  );
  console.log(
    `  received in all ${Math.round(received / 1000)} kB, held by scripts ${Math.round(heap / 1000)} kB`,
  );
  await page.close();
  site.stop();
  await log.store.close();
}

try {
  await measureVerifying(toVerify);
  await measureLooking(toLookAt);
} finally {
  await browser.close();
  rmSync(directory, { recursive: true });
}
