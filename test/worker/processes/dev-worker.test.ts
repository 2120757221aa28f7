import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { freePort } from '../../../src/demo/free-port.ts';
import { writeWorkerAssets } from '../../../tools/worker-assets.ts';
import { startWorkerProcess } from '../worker-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'countersign-dev-worker-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** As `npm run dev:worker` runs it, until it has said what to open. */
async function devWorker(port: number, providerPort: number) {
  const state = join(directory, 'dev');
  const flags = ['--port', `${port}`, '--provider-port', `${providerPort}`, '--data', state];
  const child = spawn(process.execPath, ['dist/tools/dev-worker.js', ...flags], { stdio: 'pipe' });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ctrl-C ends it.')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  });
  return {
    said,
    state,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

test('dev:worker needs no network, says what to open, and its second start goes on where the first one ended', async () => {
  const [port, providerPort] = [await freePort(), await freePort()];
  const url = `http://localhost:${port}`;
  const checkpoint = async () => (await fetch(`${url}/v1/log/checkpoint`)).status;
  const first = await devWorker(port, providerPort);
  expect(first.said).toContain(`Open  ${url} `);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(await checkpoint()).toBe(401);
  const authenticators = readFileSync(join(first.state, 'authenticators.txt'), 'utf8');
  expect(authenticators).toMatch(/^Maya Chen {6}[A-Z2-7]{32}\nTomas Brandt {3}[A-Z2-7]{32}\n$/);
  await first.stop();
  const second = await devWorker(port, providerPort);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  // Nobody enrols again: the people of the first start are still there.
  expect(readFileSync(join(second.state, 'authenticators.txt'), 'utf8')).toBe(authenticators);
  await second.stop();
}, 240_000);

test('a Worker that lacks its secrets answers nobody, and tells its operator what to hand over', async () => {
  const assets = join(directory, 'assets');
  await writeWorkerAssets(assets);
  const worker = await startWorkerProcess(directory, {
    secrets: { COUNTERSIGN_PERSON_KEY: 'x' },
    persist: join(directory, 'lacking'),
    assets,
    port: 0,
  });
  const answer = await fetch(`${worker.url}/v1/me`);
  const text = await answer.text();
  expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
  expect(JSON.parse(text)).toMatchObject({ code: 'store-unavailable', title: 'The broker cannot start' });
  expect(text).not.toContain('COUNTERSIGN');
  await expect
    .poll(() => worker.said())
    .toContain('The Worker lacks COUNTERSIGN_CONFIG, COUNTERSIGN_LOG_KEY,');
  expect(worker.said()).toContain('countersign server secrets --data DATA | npx wrangler secret bulk');
  await worker.stop();
}, 240_000);
