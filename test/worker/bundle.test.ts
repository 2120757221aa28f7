import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeWorkerAssets } from '../../tools/worker-assets.ts';

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), 'countersign-bundle-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** By path from the project's root: what went into the Worker. */
let inputs: readonly string[] = [];
beforeAll(async () => {
  const assets = join(directory, 'assets');
  await writeWorkerAssets(assets);
  const wrangler = join(
    dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
    'bin/wrangler.js',
  );
  await run(
    process.execPath,
    [wrangler, 'deploy', '--dry-run', '--metafile', '--outdir', directory, '--assets', assets],
    { env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' } },
  );
  const metafile = JSON.parse(readFileSync(join(directory, 'bundle-meta.json'), 'utf8'));
  inputs = Object.keys(metafile.inputs);
}, 240_000);

test('the Worker is bundled without what only Node can run: files, databases, mail', () => {
  const packages = ['better-sqlite3', 'pg', 'nodemailer', 'pino', '@hono/node-server', 'commander'];
  const found = inputs.filter((path) => packages.some((name) => path.startsWith(`node_modules/${name}/`)));
  expect(found).toEqual([]);
  const files = ['src/assemble.ts', 'src/server.ts', 'src/config-file.ts', 'src/platform/key-files.ts'];
  expect(inputs.filter((path) => files.includes(path) || path.startsWith('src/storage/postgres/'))).toEqual(
    [],
  );
  // Of the very program: an empty list would have passed too.
  expect(inputs).toContain('src/http/app.ts');
});

test('AWS is understood without the DOM, which a Worker does not have', () => {
  expect(inputs.filter((path) => path.includes('xml-parser.browser'))).toEqual([]);
  expect(readFileSync(join(directory, 'worker.js'), 'utf8')).not.toContain('new DOMParser');
});

test('every migration goes along, whole', () => {
  const bundled = readdirSync(directory)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => readFileSync(join(directory, name), 'utf8'));
  const files = readdirSync('migrations/sqlite').map((name) =>
    readFileSync(join('migrations/sqlite', name), 'utf8'),
  );
  expect(bundled.sort()).toEqual(files.sort());
});

test('what the Worker reads of its installation lies among the assets', () => {
  const assets = join(directory, 'assets');
  const { program, style, scripts } = JSON.parse(readFileSync(join(assets, 'installation.json'), 'utf8'));
  expect(program).toMatch(/^countersign\/\d/);
  for (const path of [style, ...Object.values<string>(scripts)])
    expect(readFileSync(join(assets, path)).length).toBeGreaterThan(0);
  const actions = JSON.parse(readFileSync(join(assets, 'aws-reference/actions/rds.json'), 'utf8'));
  expect(actions.failoverdbcluster.name).toBe('FailoverDBCluster');
});
