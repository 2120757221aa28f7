import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../src/config-file.ts';
import { Failure } from '../src/domain/errors.ts';
import { makersCertificates } from './passkey/makers.ts';

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

test('makers of authenticators are read from PEM, and the log is told which', () => {
  writeFileSync(join(directory, 'makers.pem'), makersCertificates('root', 'other-root'));
  const config = read(`${good}attestation_roots: [{ file: makers.pem }]\n`);
  expect(config.attestationRoots).toHaveLength(2);
  const digests = config.attestationRoots.map(({ digest }) => digest);
  expect(config.shown['attestation_roots']).toEqual(digests);
  expect(digests[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(read(good).attestationRoots).toEqual([]);
});

test.each(['no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----'])(
  'a list of makers that holds no certificate is a mistake: %#',
  (text) => {
    writeFileSync(join(directory, 'makers.pem'), text);
    expect(mistakesOf(`${good}attestation_roots: [{ file: makers.pem }]\n`)).toEqual([
      '11:21 the file makers.pem must hold certificates in PEM',
    ]);
  },
);

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

describe('who is told of news, and how', () => {
  const secretOf = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;
  const environment = {
    OIDC_SECRET: SECRET,
    HOOK: secretOf(32),
    OLD_HOOK: secretOf(24),
    SMTP: 'a password of the tests',
    HOOK_URL: 'https://hooks.example.com/a-secret-path',
  };
  const withNotify = (lines: string): string => `${good}notify:\n${lines}`;

  test('a webhook and a mail server are read, their secrets too, and none of these is shown', () => {
    const config = read(
      withNotify(`  webhook: { url: { env: HOOK_URL }, secrets: [{ env: HOOK }, { env: OLD_HOOK }] }
  email: { server: "smtp://mail.example.com", user: countersign, password: { env: SMTP }, from: c@example.com }
  personal_text: true
`),
      environment,
    );
    expect(config.notify).toEqual({
      webhook: { url: environment.HOOK_URL, secrets: [environment.HOOK, environment.OLD_HOOK] },
      email: {
        host: 'mail.example.com',
        port: 587,
        tls: false,
        login: { user: 'countersign', password: environment.SMTP },
        from: 'c@example.com',
      },
      personalText: true,
    });
    const shown = JSON.stringify(config.shown);
    for (const secret of [environment.HOOK, environment.SMTP, 'a-secret-path'])
      expect(shown).not.toContain(secret);
  });

  test('left out: nobody, by no way', () => {
    expect(read(good).notify).toEqual({ webhook: null, email: null, personalText: false });
  });

  test.each([
    ['smtps://mail.example.com', 465, true],
    ['smtps://mail.example.com:2465', 2465, true],
    ['smtp://127.0.0.1:25', 25, false],
  ])('%s is port %i, TLS from the start: %s', (server, port, tls) => {
    const { email } = read(withNotify(`  email: { server: "${server}", from: c@example.com }\n`)).notify;
    expect(email).toMatchObject({ port, tls, login: null });
  });

  test.each([
    [
      'a webhook over plain http',
      'webhook: { url: "http://hooks.example.com/", secrets: [{ env: HOOK }] }',
      'https',
    ],
    ['a webhook at file:', 'webhook: { url: "file:///etc/passwd", secrets: [{ env: HOOK }] }', 'url'],
    [
      'a webhook whose secret address is none',
      'webhook: { url: { env: HOOK }, secrets: [{ env: HOOK }] }',
      'https:// address',
    ],
    ['a webhook without a secret', 'webhook: { url: "https://hooks.example.com/", secrets: [] }', 'secrets'],
    [
      'a webhook secret of another form',
      'webhook: { url: "https://h.example/", secrets: [{ env: SMTP }] }',
      'whsec_',
    ],
    [
      'a server with a password in it',
      'email: { server: "smtp://u:p@mail.example.com", from: c@example.com }',
      'smtps://host:465',
    ],
    [
      'a server of another scheme',
      'email: { server: "https://mail.example.com", from: c@example.com }',
      'smtps://host:465',
    ],
    [
      'a user without a password',
      'email: { server: "smtp://mail.example.com", user: u, from: c@example.com }',
      'neither',
    ],
    [
      'a sender with a name',
      'email: { server: "smtp://mail.example.com", from: "C <c@example.com>" }',
      'from',
    ],
    [
      'a password in the file itself',
      'email: { server: "smtp://m.example", user: u, password: p, from: c@example.com }',
      'password',
    ],
  ])('%s is refused', (_what, line, says) => {
    const mistakes = mistakesOf(withNotify(`  ${line}\n`), environment);
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toContain(says);
  });
});

describe('the claims that name a person', () => {
  const naming = (claims: string) =>
    mistakesOf(
      good.replace('client_id: countersign', `client_id: countersign\n    identity_claim: ${claims}`),
    );

  test.each(['[sub]', '[tid, oid]', "['https://id.example.com/employee']"])('may be %s', (claims) => {
    expect(naming(claims)).toEqual([]);
  });

  test.each([
    ['[email]', 'must not hold email'],
    ['[sub, email]', 'must not hold email'],
    ['[Email]', 'must not hold Email'],
    ['[preferred_username]', 'must not hold preferred_username'],
    ['[upn]', 'must not hold upn'],
    ['[tid, upn]', 'must not hold upn'],
    ['[unique_name]', 'must not hold unique_name'],
    ['[name]', 'must not hold name'],
    ['[phone_number]', 'must not hold phone_number'],
    ['[]', 'names no claim'],
    ['[sub, sub]', 'names a claim twice'],
    ['["a b"]', 'no name of a claim'],
    ['[a, b, c, d, e]', 'more than 4'],
  ])('may not be %s, and the line says why', (claims, why) => {
    const [mistake, ...more] = naming(claims);
    expect(mistake).toMatch(/^8:21 issuers\.0\.identity_claim: /);
    expect(mistake).toContain(why);
    expect(more).toEqual([]);
  });
});

describe('where the log is', () => {
  const url = 'postgres://countersign:a-password@db.example.com/countersign';

  test('nothing said is the file in the data directory', () => {
    expect(read(good).databaseUrl).toBeNull();
  });

  test('the environment names a database, or a file that holds its address, and neither is shown', () => {
    const path = join(directory, 'database.url');
    writeFileSync(path, `${url}\n`);
    for (const place of [{ COUNTERSIGN_DATABASE_URL: url }, { COUNTERSIGN_DATABASE_URL_FILE: path }]) {
      const config = read(good, { OIDC_SECRET: SECRET, ...place });
      expect(config.databaseUrl).toBe(url);
      expect(JSON.stringify(config.shown)).not.toContain('a-password');
    }
  });

  test.each([
    ['another engine', { COUNTERSIGN_DATABASE_URL: 'mysql://a:a-password@b/c' }],
    ['no address', { COUNTERSIGN_DATABASE_URL: '' }],
    ['a missing file', { COUNTERSIGN_DATABASE_URL_FILE: '/nowhere/database.url' }],
    ['both', { COUNTERSIGN_DATABASE_URL: url, COUNTERSIGN_DATABASE_URL_FILE: '/nowhere/database.url' }],
  ])('%s is refused, without repeating what was given', (_, place) => {
    const given = { OIDC_SECRET: SECRET, ...place } as Record<string, string>;
    const error = (() => {
      try {
        return read(good, given);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({
      code: 'malformed-input',
      mend: expect.stringMatching(/postgres:|not both/),
    });
    expect(String(error)).not.toContain('a-password');
  });
});
