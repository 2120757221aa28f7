import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { dataFiles } from '../../src/assemble.ts';
import type { Config } from '../../src/config.ts';
import { readConfig } from '../../src/config-file.ts';
import { type DemoUser, signInDemoUser } from '../../src/demo/client.ts';
import { freePort } from '../../src/demo/free-port.ts';
import { startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { initialiseServer } from '../../src/server.ts';
import { asAdministrator, startTestPostgres, type TestPostgres } from '../../tools/test-postgres.ts';
import { type Received, type Receiver, startReceiver } from '../notify/receiver.ts';
import { type BrokerProcess, startBrokerProcess } from './broker-process.ts';
import { entriesWithoutFault, ORIGIN, publish } from './stage.ts';

/** Somebody hears of every request that waits. */
const policy = `
groups:
  engineers: { idp: engineers }
  leads: { idp: leads }
  admins: { idp: admins }
administrators: { from: admins, publish_needs: 2 }
zones:
  staging: { owner: admins }
targets:
  orders: { zone: staging, token: { audience: "https://orders.example" } }
factors: { request: none, review: totp, open: none }
waiting: { review: 1h, activation: 1h }
notify: { reviewers: [webhook] }
entitlements:
  look:
    role: Look
    target: orders
    scope:
      - { actions: [batches.read], on: batches, access: read }
    eligible: [engineers]
    ticket: not-required
    review: [{ people: 1, from: leads }]
    at_most: 1h
`;

/** A lease and the time until somebody asks for it, many times over: machines of tests are slow. */
const PATIENCE = { timeout: 120_000, interval: 100 };

let directory = '';
let postgres: TestPostgres;

beforeAll(async () => {
  postgres = await startTestPostgres();
  directory = await mkdtemp(join(tmpdir(), 'countersign-take-over-'));
});

afterAll(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Place {
  readonly environment: Readonly<Record<string, string>>;
  /** The only value that a query of one row gives, by a connection of the test's own. */
  value(query: string): Promise<unknown>;
  /** A process that is stopped in the middle of a commit to a file keeps it from everybody, as long as that lasts. */
  canBeWritten(): boolean;
}

const teller = ({ value }: Place) => value("select holder from jobs where job = 'tell-news'");
const countWritten = async ({ value }: Place) =>
  Number(await value("select count(*) from entries where stream like 'notifications/%'"));

function filePlace(data: string): Place {
  const on = <T>(work: (client: Database.Database) => T): T => {
    const client = new Database(dataFiles(data).database, { timeout: 0 });
    try {
      return work(client);
    } finally {
      client.close();
    }
  };
  return {
    environment: {},
    value: async (query) => on((client) => client.prepare(query).pluck().get()),
    canBeWritten() {
      try {
        on((client) => client.exec('begin immediate; rollback'));
        return true;
      } catch {
        return false;
      }
    },
  };
}

async function postgresPlace(): Promise<Place> {
  const url = await postgres.createDatabase();
  return {
    environment: { COUNTERSIGN_DATABASE_URL: url },
    value: (query) =>
      asAdministrator(url, async (client) => {
        const { rows } = await client.query<unknown[]>({ text: query, rowMode: 'array' });
        return rows[0]?.[0];
      }),
    canBeWritten: () => true,
  };
}

interface Side {
  readonly broker: BrokerProcess;
  readonly id: string;
  readonly maya: DemoUser;
}

/** A log that was begun, two brokers on it, a provider of people, and somebody who hears. */
interface Stage {
  readonly data: string;
  readonly config: Config;
  readonly receiver: Receiver;
  readonly sides: readonly Side[];
}

const people = [
  { username: 'maya', name: 'Maya', groups: ['engineers'], email: 'maya@example.com' },
  { username: 'ada', name: 'Ada', groups: ['admins'], email: 'ada@example.com' },
  { username: 'bo', name: 'Bo', groups: ['admins'], email: 'bo@example.com' },
];

type WhenFinished = (work: () => Promise<void>) => void;

async function stageAt(data: string, place: Place, onTestFinished: WhenFinished): Promise<Stage> {
  const urls = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`] as const;
  const receiver = await startReceiver();
  onTestFinished(() => receiver.stop());
  const client_secret = 'a-secret-of-the-test';
  const redirect_uris = urls.map((url) => `${url}/v1/sign-in/callback`);
  const clients = [{ client_id: 'test', client_secret, redirect_uris }];
  const provider = await startDemoIdentityProvider({ port: 0, people, clients });
  onTestFinished(() => provider.stop());
  const environment = {
    ...place.environment,
    TEST_CLIENT_SECRET: client_secret,
    TEST_WEBHOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
  };
  const configuration = {
    origin: ORIGIN,
    public_url: urls[0],
    listen: urls[0].replace('http://', ''),
    issuers: [
      {
        name: 'demo',
        issuer: provider.issuer,
        client_id: 'test',
        client_secret: { env: 'TEST_CLIENT_SECRET' },
      },
    ],
    notify: { webhook: { url: receiver.url, secrets: [{ env: 'TEST_WEBHOOK_SECRET' }] } },
  };
  await mkdir(data);
  await writeFile(dataFiles(data).config, stringify(configuration));
  const config = readConfig(dataFiles(data).config, environment);
  const administrators = ['ada', 'bo'].map((subject) => ({ issuer: 'demo', subject }));
  const codes = await initialiseServer({ config, data, administrators });
  const started = await Promise.all(urls.map((url) => start(data, url, environment, onTestFinished)));
  await publish(urls[0], codes, policy);
  return { data, config, receiver, sides: await Promise.all(started.map(sideOf)) };
}

interface Started {
  readonly url: string;
  readonly broker: BrokerProcess;
}

async function start(
  data: string,
  url: string,
  environment: Readonly<Record<string, string>>,
  onTestFinished: WhenFinished,
): Promise<Started> {
  const own = { COUNTERSIGN_PUBLIC_URL: url, COUNTERSIGN_LISTEN: url.replace('http://', '') };
  const broker = await startBrokerProcess(data, url, { ...environment, ...own });
  onTestFinished(() => broker.kill());
  return { url, broker };
}

async function sideOf({ url, broker }: Started): Promise<Side> {
  const id = /"broker":"([^"]+)"/.exec(broker.said())?.[1] ?? '';
  return { broker, id, maya: await signInDemoUser(url, 'maya', 'Maya') };
}

async function ask({ maya }: Side): Promise<string> {
  const asked = await maya.call('POST', '/v1/requests', {
    entitlement: 'look',
    duration_seconds: 900,
    justification: 'somebody must hear of it',
  });
  expect(asked.status).toBe(201);
  return String(asked.body['request']);
}

async function pause({ broker: { child } }: Side, place: Place): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    child.kill('SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 50));
    if (place.canBeWritten()) return;
    child.kill('SIGCONT');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it writes without end');
}

test.concurrent.for([
  ['a SQLite file', async (data: string) => filePlace(data)],
  ['PostgreSQL', postgresPlace],
] as const)(
  'of two brokers on %s one tells the news; it is stopped, goes on, and the other is killed: each is told once',
  { timeout: 400_000 },
  async ([name, placeOf], { expect, onTestFinished }) => {
    const data = join(directory, name);
    const place = await placeOf(data);
    const { config, receiver, sides } = await stageAt(data, place, onTestFinished);
    const holder = await teller(place);
    const first = sides.find(({ id }) => id === holder);
    const second = sides.find(({ id }) => id !== holder);
    if (first === undefined || second === undefined) throw new Error(`${holder} is neither of them`);
    const heard = () => receiver.received.map(requestOf);
    const requests: string[] = [];
    const askAndHear = async (...askers: readonly Side[]) => {
      for (const side of askers) requests.push(await ask(side));
      await expect.poll(() => new Set(heard()), PATIENCE).toEqual(new Set(requests));
      // Whoever is stopped or killed before that has it told again.
      await expect.poll(() => countWritten(place), PATIENCE).toBe(requests.length);
    };

    await askAndHear(first, second);

    await pause(first, place);
    await askAndHear(second);
    expect(await teller(place)).toBe(second.id);

    // It answers again, so that whatever it had begun goes on.
    first.broker.child.kill('SIGCONT');
    await askAndHear(first, second);

    await second.broker.kill();
    await askAndHear(first);
    expect(await teller(place)).toBe(first.id);

    expect(await first.broker.stop()).toBe(0);
    expect(heard().sort()).toEqual(requests.toSorted());
    const entries = await entriesWithoutFault(config, data);
    const written = entries.filter(({ type }) => type === 'countersign.notification.sent.v1');
    expect(written.map(({ data: { matter } }) => matter).sort()).toEqual(requests.toSorted());
  },
);

const requestOf = ({ body }: Received): string =>
  (JSON.parse(body) as { data: { request: string } }).data.request;
