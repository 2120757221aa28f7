import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CredentialEndpoint, serveCredentials } from '../../src/cli/access/credential-endpoint.ts';
import type { LiveSession } from '../../src/cli/access/live-session.ts';
import { Ending } from '../../src/cli/ending.ts';

const live: LiveSession = {
  session: {
    session: 's-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
    grant: 'g-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
    expires_at: '2026-11-21T03:45:00.000Z',
    credentials: {
      kind: 'aws',
      access_key_id: 'ASIAEXAMPLE',
      secret_access_key: 'the secret',
      session_token: 'the session token',
      region: 'eu-west-1',
    },
    entries: [],
  },
  grant: {
    grant: 'g-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
    request: 'r-01JZX3V5Q8M2N4P6R8T0V2W4Y6',
    status: 'active',
    person: { person: 'p-m', display_name: null },
    target: 'ledger-prod',
    entitlement: 'ledger',
    scope: [],
    duration_seconds: 600,
    starts_at: null,
    extends: null,
    extended_by: null,
    covers_until: null,
    activate_by: '2026-11-21T04:00:00.000Z',
    ends_at: '2026-11-21T03:40:00.000Z',
    sessions: [],
    ended_at: null,
    revoke_requested_at: null,
    revoke_confirmed_at: null,
    cut_off_because: null,
  },
  expiresAtMs: Date.parse('2026-11-21T03:40:00.000Z'),
};

let endpoint: CredentialEndpoint;
let calls = 0;
let failure: Error | undefined;

beforeAll(async () => {
  endpoint = await serveCredentials(async () => {
    calls += 1;
    if (failure !== undefined) throw failure;
    return live;
  });
});
afterAll(() => endpoint.close());

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send({ method = 'GET', path = '/credentials', headers = {} }: Sent) {
  const { port } = new URL(endpoint.url);
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.once('error', reject).end();
    },
  );
}

const authorization = () => ({ authorization: endpoint.token });

test('the command that was given the address and the token gets the credentials, until the grant ends and no longer', async () => {
  const answer = await send({ headers: authorization() });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toEqual({
    AccessKeyId: 'ASIAEXAMPLE',
    SecretAccessKey: 'the secret',
    Token: 'the session token',
    Expiration: '2026-11-21T03:40:00.000Z',
  });
  expect(answer.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' });
  expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/credentials$/);
  expect(endpoint.token.length).toBeGreaterThanOrEqual(43);
});

test.each<[string, number, () => Sent]>([
  ['another user of the machine, who has no token', 401, () => ({})],
  ['a token that is longer', 401, () => ({ headers: { authorization: `${endpoint.token}x` } })],
  ['a token that is shorter', 401, () => ({ headers: { authorization: endpoint.token.slice(0, -1) } })],
  [
    'a token of the same length',
    401,
    () => ({ headers: { authorization: 'x'.repeat(endpoint.token.length) } }),
  ],
  ['the token as a bearer token', 401, () => ({ headers: { authorization: `Bearer ${endpoint.token}` } })],
  ['the token in the address', 404, () => ({ path: `/credentials?token=${endpoint.token}` })],
  [
    'a name that was rebound to this machine',
    403,
    () => ({ headers: { ...authorization(), host: 'evil.example' } }),
  ],
  [
    'localhost, which a page may call too',
    403,
    () => ({ headers: { ...authorization(), host: 'localhost' } }),
  ],
  [
    'a page of another origin',
    403,
    () => ({ headers: { ...authorization(), origin: 'https://evil.example' } }),
  ],
  [
    'a page without an origin',
    403,
    () => ({ headers: { ...authorization(), 'sec-fetch-site': 'cross-site' } }),
  ],
  ['a preflight', 405, () => ({ method: 'OPTIONS', headers: authorization() })],
  ['a post', 405, () => ({ method: 'POST', headers: authorization() })],
  ['a head', 405, () => ({ method: 'HEAD', headers: authorization() })],
  ['another path', 404, () => ({ path: '/', headers: authorization() })],
  ['a path that means the same', 404, () => ({ path: '/./credentials', headers: authorization() })],
  ['a path with something after it', 404, () => ({ path: '/credentials/', headers: authorization() })],
])('%s gets nothing and learns nothing: %i', async (_who, status, sent) => {
  const before = calls;
  const answer = await send(sent());
  expect(answer.status).toBe(status);
  expect(answer.text).not.toMatch(/secret|ASIA|session token/);
  expect(answer.text).not.toContain(endpoint.token);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  expect(calls).toBe(before);
});

test('no other address of the machine leads to it', async () => {
  const { port } = new URL(endpoint.url);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address);
  const reached = await Promise.all([...others, '127.0.0.2'].map((host) => canConnect(host, Number(port))));
  expect(reached.some(Boolean)).toBe(false);
});

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 500 });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
}

test('when nothing is left the program is told what to do, which it shows its user', async () => {
  failure = new Ending(6, 'g-1 ended.', 'countersign request ledger');
  const answer = await send({ headers: authorization() });
  failure = undefined;
  expect(answer.status).toBe(503);
  expect(JSON.parse(answer.text)).toEqual({
    code: 'Expired',
    message: 'g-1 ended. countersign request ledger',
  });
});

test('each command has a token of its own', async () => {
  const other = await serveCredentials(async () => live);
  expect(other.token).not.toBe(endpoint.token);
  expect((await send({ headers: { authorization: other.token } })).status).toBe(401);
  await other.close();
});

test('whoever connects and says nothing is cut off, and the command is answered meanwhile', async () => {
  const { port } = new URL(endpoint.url);
  const silent = connect(Number(port), '127.0.0.1');
  const closed = new Promise<number>((resolve) => {
    const begunMs = performance.now();
    silent.resume().once('close', () => resolve(performance.now() - begunMs));
  });
  expect((await send({ headers: authorization() })).status).toBe(200);
  expect(await closed).toBeLessThan(10_000);
});
