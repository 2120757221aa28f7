import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfig } from '../src/config.ts';
import { Failure } from '../src/domain/errors.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-config-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const good = `
origin: countersign.example.com/log
public_url: https://countersign.example.com/
issuers:
  - name: corp
    issuer: https://id.example.com
    client_id: countersign
    client_secret: { env: OIDC_SECRET }
introspection:
  orders-prod: { file: orders.secret }
`;

const SECRET = 'a-secret-of-thirty-characters!';

function read(text: string, environment: Record<string, string> = { OIDC_SECRET: SECRET }) {
  const path = join(directory, 'server.yaml');
  writeFileSync(path, text);
  writeFileSync(join(directory, 'orders.secret'), `${SECRET}\n`);
  return readConfig(path, environment);
}

function mistakesOf(text: string, environment?: Record<string, string>): readonly string[] {
  try {
    read(text, environment);
  } catch (error) {
    if (error instanceof Failure) return error.mistakes.map(({ at, message }) => `${at} ${message}`);
    throw error;
  }
  return [];
}

test('a good file is read with its defaults, its secrets, and nothing secret in what is shown', () => {
  const config = read(good);
  expect(config).toMatchObject({
    publicUrl: 'https://countersign.example.com',
    listen: { address: '127.0.0.1', port: 8470 },
    issuers: [{ name: 'corp', client_secret: SECRET, allow_http_loopback: false }],
    aws: null,
  });
  expect(config.introspectionSecrets.get('orders-prod')).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify(config.shown)).not.toContain(SECRET);
});

test('the environment takes the place of address and port', () => {
  const environment = {
    OIDC_SECRET: SECRET,
    COUNTERSIGN_LISTEN: '[::1]:9000',
    COUNTERSIGN_PUBLIC_URL: 'http://localhost:9000',
  };
  expect(read(good, environment)).toMatchObject({
    listen: { address: '::1', port: 9000 },
    publicUrl: 'http://localhost:9000',
  });
});

test('every mistake is told at once, each with its line', () => {
  const mistakes = mistakesOf('origin: "a b"\npublic_url: http://evil.example\nissuers: []\nport: 1\n');
  expect(mistakes).toHaveLength(4);
  expect(mistakes.join('\n')).toMatch(
    /1:9 origin.*\n2:13 public_url.*\n3:10 issuers: name at least one.*\n1:1 unknown: port/,
  );
});

test.each([
  ['two secrets that are nowhere', good.replace('orders.secret', 'none'), {}, 2],
  ['a secret that is too short', good, { OIDC_SECRET: 'short' }, 1],
  [
    'the same name twice',
    `${good}workload_issuers:\n  - { name: corp, issuer: https://x.example, audience: a, algorithms: [RS256] }\n`,
    undefined,
    1,
  ],
  [
    'an algorithm with a shared key',
    `${good}workload_issuers:\n  - { name: ci, issuer: https://x.example, audience: a, algorithms: [HS256] }\n`,
    undefined,
    1,
  ],
  [
    'an account that is no text of twelve digits',
    `${good}aws: { external_ids: { 4471: abc } }\n`,
    undefined,
    1,
  ],
  ['an alias', `${good}log_level: &a info\nlisten: *a\n`, undefined, 1],
  ['a key twice', `${good}origin: other\n`, undefined, 1],
  ['a list instead of a mapping', '- 1\n', undefined, 1],
])('%s is refused', (_what, text, environment, count) => {
  expect(mistakesOf(text, environment)).toHaveLength(count);
});
