import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hono } from 'hono';
import { chromium, type Page } from 'playwright-core';
import type { HttpEnv } from '../src/http/parts.ts';
import { parseVerifierKey } from '../src/log/note.ts';
import { verifyEd25519 } from '../src/platform/node-ed25519.ts';
import { nodeHasher } from '../src/platform/node-hasher.ts';
import { verifyInWorkers } from '../src/platform/verify-in-workers.ts';
import { browserFlags, findBrowser } from '../test/browser/find-browser.ts';
import type { VerifyNews, VerifyReport, VerifyRequest } from '../web/verify/messages.ts';
import { type Cell, median, millisecondsOf, printTable } from './harness.ts';
import { type FilledStore, fillStore, serveLog } from './serve-log.ts';
import { openUnwatched } from './unwatched-browser.ts';

/**
 * The log page in a real browser: how long verifying takes there, beside the same pass by Node over the same database
 * in the same run; and what a long log costs to look at. Sizes as arguments: one to verify, one to look at.
 */
const [toVerify = 50_000, toLookAt = 1_000_000] = process.argv.slice(2).map(Number);
const RUNS = 7;
const AIM_MS = 500;
const LONGEST_LOOK_MS = 300_000;

const directory = mkdtempSync(join(tmpdir(), 'countersign-web-'));

interface Trusted {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

/** Runs in the page: asks its own worker, as its button does, once for each request, and sends what it was told. */
async function verifyInPage(requests: readonly VerifyRequest[]): Promise<void> {
  const { trustedTypes } = globalThis as unknown as { trustedTypes: Trusted };
  const policy = trustedTypes.createPolicy('bench', { createScriptURL: (url) => url });
  const verify = (request: VerifyRequest) =>
    new Promise<VerifyReport>((resolve, reject) => {
      const worker = new Worker(policy.createScriptURL('/log/verify-worker.js'), { type: 'module' });
      worker.addEventListener('message', ({ data }: MessageEvent<VerifyNews>) => {
        if (data.tell === 'progress') return;
        worker.terminate();
        if (data.tell === 'report') resolve(data.report);
        else reject(new Error(data.why));
      });
      worker.postMessage(request);
    });
  const told: unknown[] = [];
  for (const request of requests) {
    const asked = performance.now();
    const report = await verify(request).catch((error: unknown) => ({ text: String(error) }));
    told.push({ ...report, wholeMs: performance.now() - asked });
  }
  await fetch('/bench/told', { method: 'POST', body: JSON.stringify(told) });
}

/** The script as a file of its own: the page's security policy lets none stand in it. */
function benchPage(requests: readonly VerifyRequest[]) {
  const told = Promise.withResolvers<readonly VerifyReport[]>();
  const script = `(${verifyInPage})(${JSON.stringify(requests)});`;
  const pages = new Hono<HttpEnv>()
    .get('/bench', (c) => c.html('<!doctype html><script type="module" src="/bench/verify.js"></script>'))
    .get('/bench/verify.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript' }))
    .post('/bench/told', async (c) => {
      told.resolve(await c.req.json());
      return c.body(null, 204);
    });
  return { pages, told: told.promise };
}

const requestOf = ({ logKey }: FilledStore, judges: boolean): VerifyRequest => ({
  ask: 'verify',
  held: [],
  logKey,
  policy: null,
  judges,
  threads: availableParallelism(),
  nowMs: Date.now(),
});

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
  const turns = [false, true].flatMap((judges) => Array.from({ length: RUNS }, () => requestOf(log, judges)));
  const { pages, told } = benchPage(turns);
  const site = await serveLog(log, pages);
  const reports = await openUnwatched(`${site.url}/bench`, told);
  const [intact, judged] = [reports.slice(0, RUNS), reports.slice(RUNS)];
  for (const one of intact) if (!one.isIntact) throw new Error(one.text);
  for (const one of judged) if (!one.isFaultless) throw new Error(one.text);
  const floor: number[] = [];
  for (let run = 0; run < RUNS; run++) floor.push(await inNode(log, path));
  const row = (name: string, times: readonly number[], aim: Cell = '') => {
    const best = Math.min(...times);
    return [name, size, median(times), best, best / Math.min(...floor), aim];
  };
  const wholeMs = (some: readonly VerifyReport[]) => some.map((one) => one.wholeMs);
  printTable(
    `Verified in the browser, its server on the same ${availableParallelism()} cores (load ${loadavg()[0]?.toFixed(1)})`,
    ['pass', 'entries', 'ms', 'best', 'of Node’s', 'aim'],
    [
      row('intact: bytes, chain, tree, signature, with fetching', wholeMs(intact), AIM_MS),
      row(
        'the same, the busiest thread’s part',
        intact.map(({ checkingMs }) => checkingMs),
      ),
      row('intact, complete and conformant, with fetching', wholeMs(judged)),
      row('intact in Node, on as many threads', floor),
    ],
  );
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
  const browser = await chromium.launch({ executablePath: await findBrowser(), args: [...browserFlags] });
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
  await browser.close();
  site.stop();
  await log.store.close();
}

try {
  await measureVerifying(toVerify);
  await measureLooking(toLookAt);
} finally {
  rmSync(directory, { recursive: true });
}
