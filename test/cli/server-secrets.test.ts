import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { readConfig } from '../../src/config-file.ts';
import { startServer } from '../../src/server.ts';
import { readBindings } from '../../src/worker/bindings.ts';
import { machineAt } from './harness.ts';

const environment = { OIDC_SECRET: 'a-secret-of-thirty-characters!' };
const config = `
origin: countersign.example.com/log   # a comment stays
public_url: http://127.0.0.1:8470
listen: 127.0.0.1:0
log_level: error
issuers:
  - name: corp
    issuer: https://id.example.com
    client_id: countersign
    client_secret: { env: OIDC_SECRET }
`;

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'countersign-secrets-'));
  mkdirSync(join(home, 'data'), { mode: 0o700 });
  writeFileSync(join(home, 'data', 'server.yaml'), config);
});
afterEach(() => rmSync(home, { recursive: true }));

const server = (...words: readonly string[]) =>
  machineAt(home).run(['server', ...words, '--data', join(home, 'data')], { environment });
const init = () => server('init', '--admin', 'corp:ada', '--admin', 'corp:bo');

test('what a Worker needs is printed as wrangler takes it, each within what the platform takes, and no code is in it', async () => {
  const begun = await init();
  const { code, stdout } = await server('secrets');
  expect(code).toBe(0);
  const secrets: Record<string, string> = JSON.parse(stdout);
  expect(Object.keys(secrets).sort()).toEqual([
    'COUNTERSIGN_CONFIG',
    'COUNTERSIGN_GENESIS',
    'COUNTERSIGN_GRANT_TOKEN_KEYS',
    'COUNTERSIGN_LOG_KEY',
    'COUNTERSIGN_PERSON_KEY',
    'COUNTERSIGN_SEALING_KEYS',
    'OIDC_SECRET',
  ]);
  expect(secrets).toMatchObject({ COUNTERSIGN_CONFIG: config, ...environment });
  for (const value of Object.values(secrets)) expect(Buffer.byteLength(value)).toBeLessThan(5_000);
  const codes = begun.stdout.match(/(?<=corp:\w+ +)\S+$/gm) ?? [];
  expect(codes).toHaveLength(2);
  for (const one of codes) expect(stdout).not.toContain(one);
  const ASSETS = { fetch: async () => new Response() };
  const objects = { idFromName: () => undefined, get: () => ASSETS };
  const bindings = readBindings({
    BROKER: objects,
    CHECKPOINTS: objects,
    ASSETS,
    ...secrets,
  });
  expect(bindings.keys.personKey).toHaveLength(32);
});

test('a log that has gone on is not handed over by its first entry, its keys are', async () => {
  await init();
  const path = join(home, 'data', 'server.yaml');
  const running = await startServer({ config: readConfig(path, environment), data: join(home, 'data') });
  await running.stop();
  const refused = await server('secrets');
  expect([refused.code, refused.stdout]).toEqual([expect.any(Number), '']);
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('The log has gone on beyond its first entry.');
  const keys = JSON.parse((await server('secrets', '--no-genesis')).stdout);
  expect(Object.keys(keys)).not.toContain('COUNTERSIGN_GENESIS');
  expect(keys.COUNTERSIGN_LOG_KEY).toContain('PRIVATE KEY');
});

test('makers’ certificates that the configuration names are handed over too', async () => {
  const pem = readFileSync(join(import.meta.dirname, '../passkey/makers/root.pem'), 'utf8');
  writeFileSync(join(home, 'data', 'server.yaml'), `${config}attestation_roots: [{ env: MAKERS }]\n`);
  const words = ['--data', join(home, 'data')];
  const given = { environment: { ...environment, MAKERS: pem } };
  await machineAt(home).run(['server', 'init', ...words, '--admin', 'corp:ada', '--admin', 'corp:bo'], given);
  const { stdout } = await machineAt(home).run(['server', 'secrets', ...words], given);
  expect(JSON.parse(stdout).MAKERS).toBe(pem);
});

test('a configuration with a secret in a file is refused, for a Worker has none', async () => {
  writeFileSync(join(home, 'data', 'oidc.secret'), environment.OIDC_SECRET);
  writeFileSync(
    join(home, 'data', 'server.yaml'),
    config.replace('{ env: OIDC_SECRET }', '{ file: oidc.secret }'),
  );
  await init();
  const refused = await server('secrets');
  expect(refused.stderr).toContain('Write { env: NAME } instead');
  expect(refused.stdout).toBe('');
});

test('keys are not shown on a screen', async () => {
  await init();
  const surroundings = machineAt(home).surroundings({ environment });
  const stdout = Object.assign(new PassThrough(), { isTTY: true });
  const code = await run(['server', 'secrets', '--data', join(home, 'data')], { ...surroundings, stdout });
  expect([code, stdout.read()]).toEqual([2, null]);
});
