import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { dataFiles } from '../../src/assemble.ts';
import type { Config } from '../../src/config.ts';
import { readConfig } from '../../src/config-file.ts';
import { type DemoUser, signInDemoUser } from '../../src/demo/client.ts';
import { freePort } from '../../src/demo/free-port.ts';
import { type DemoIdentityProvider, startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { initialiseServer } from '../../src/server.ts';
import { startTestPostgres, type TestPostgres } from '../../tools/test-postgres.ts';
import { type BrokerProcess, startBrokerProcess } from './broker-process.ts';
import { entriesWithoutFault, ORIGIN, publish } from './stage.ts';

/** A few in the ordinary tests; `npm run faults` asks for more. */
const ROUNDS = Number(process.env['COUNTERSIGN_FAULT_ROUNDS'] ?? 3);
const WRITERS = 8;

const policy = `
groups:
  engineers: { idp: engineers }
  admins: { idp: admins }
administrators: { from: admins, publish_needs: 2 }
zones:
  staging: { owner: admins }
targets:
  orders: { zone: staging, token: { audience: "https://orders.example" } }
factors: { request: none, review: totp, open: none }
waiting: { review: 1h, activation: 1h }
entitlements:
  look:
    role: Look
    target: orders
    scope:
      - { actions: [batches.read], on: batches, access: read }
    eligible: [engineers]
    ticket: not-required
    review: not-required
    at_most: 1h
`;

let directory = '';
let url = '';
let provider: DemoIdentityProvider;
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startTestPostgres();
  directory = await mkdtemp(join(tmpdir(), 'countersign-kill-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  provider = await startDemoIdentityProvider({
    port: 0,
    people: [
      { username: 'maya', name: 'Maya', groups: ['engineers'], email: 'maya@example.com' },
      { username: 'ada', name: 'Ada', groups: ['admins'], email: 'ada@example.com' },
      { username: 'bo', name: 'Bo', groups: ['admins'], email: 'bo@example.com' },
    ],
    clients: [
      {
        client_id: 'test',
        client_secret: 'a-secret-of-the-test',
        redirect_uris: [`${url}/v1/sign-in/callback`],
      },
    ],
  });
  const configPath = join(directory, 'server.yaml');
  await writeFile(join(directory, 'client.secret'), 'a-secret-of-the-test');
  const configuration = {
    origin: ORIGIN,
    public_url: url,
    listen: `127.0.0.1:${port}`,
    issuers: [
      {
        name: 'demo',
        issuer: provider.issuer,
        client_id: 'test',
        client_secret: { file: join(directory, 'client.secret') },
      },
    ],
    log_level: 'warn',
  };
  await writeFile(configPath, stringify(configuration));
});

afterAll(async () => {
  await provider?.stop();
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Acknowledged {
  readonly requests: string[];
  readonly sessions: string[];
}

/** Asks and opens until the broker is gone; remembers only what was answered. */
async function load(user: DemoUser, acknowledged: Acknowledged, over: () => boolean): Promise<void> {
  while (!over()) {
    try {
      const asked = await user.call('POST', '/v1/requests', {
        entitlement: 'look',
        duration_seconds: 900,
        justification: 'under load',
      });
      if (asked.status !== 201) continue;
      acknowledged.requests.push(String(asked.body['request']));
      const [made] = asked.body['grants'] as readonly { grant: string }[];
      const opened = await user.call('POST', `/v1/grants/${made?.grant}/sessions`, {});
      if (opened.status === 201) acknowledged.sessions.push(String(opened.body['session']));
    } catch {
      // The connection broke: what was not answered is not counted.
    }
  }
}

let broker: BrokerProcess | undefined;
// One that a test failed with would answer the next one's calls.
afterEach(() => broker?.kill());

const STORES = [
  ['SQLite', async () => ({})],
  ['PostgreSQL', async () => ({ COUNTERSIGN_DATABASE_URL: await postgres.createDatabase() })],
] as const;

test.each(STORES)(
  'a broker on %s killed under load loses nothing it acknowledged and leaves no session unaccounted for',
  async (name, environmentOf) => {
    const environment: Readonly<Record<string, string>> = await environmentOf();
    const data = join(directory, name);
    const config = readConfig(join(directory, 'server.yaml'), environment);
    const administrators = ['ada', 'bo'].map((subject) => ({ issuer: 'demo', subject }));
    const codes = await initialiseServer({ config, data, administrators });
    await copyFile(join(directory, 'server.yaml'), dataFiles(data).config);
    broker = await startBrokerProcess(data, url, environment);
    await publish(url, codes, policy);
    const maya = await signInDemoUser(url, 'maya', 'Maya');
    const acknowledged: Acknowledged = { requests: [], sessions: [] };
    for (let round = 0; round < ROUNDS; round++) {
      let over = false;
      const writers = Array.from({ length: WRITERS }, () => load(maya, acknowledged, () => over));
      await new Promise((resolve) => setTimeout(resolve, 400 + 173 * (round % 8)));
      await broker.kill();
      over = true;
      await Promise.all(writers);
      broker = await startBrokerProcess(data, url, environment);
    }
    expect(await broker.stop()).toBe(0);
    expect(acknowledged.sessions.length).toBeGreaterThan(ROUNDS);
    await judge(config, data, acknowledged);
  },
  120_000 + ROUNDS * 20_000,
);

async function judge(config: Config, data: string, acknowledged: Acknowledged): Promise<void> {
  const entries = await entriesWithoutFault(config, data);
  const idsOf = (type: string, field: string) =>
    new Set(entries.filter((entry) => entry.type === type).map((entry) => entry.data[field]));
  const submitted = idsOf('countersign.request.submitted.v1', 'request');
  const opened = idsOf('countersign.session.opened.v1', 'session');
  expect(acknowledged.requests.filter((request) => !submitted.has(request))).toEqual([]);
  expect(acknowledged.sessions.filter((session) => !opened.has(session))).toEqual([]);
}
