import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { dataFiles } from '../assemble.ts';
import { readConfig } from '../config-file.ts';
import type { NoteSigner } from '../log/note.ts';
import { readKeyFiles } from '../platform/key-files.ts';
import { ed25519Signer } from '../platform/node-ed25519.ts';
import { initialiseServer, type RunningServer, startServer } from '../server.ts';
import { copyDatabase } from './cheat.ts';
import { type DemoUser, signInDemoUser } from './client.ts';
import { freePort } from './free-port.ts';
import { type DemoIdentityProvider, startDemoIdentityProvider } from './identity-provider.ts';
import { expect } from './narrator.ts';
import { type OrdersService, startOrdersService } from './orders-service.ts';
import { type Pager, startPager } from './pager.ts';
import { administrators, people, type Username } from './people.ts';

const ORIGIN = 'demo.countersign.example/log';
const TARGET = 'orders-prod';
const CLIENT_SECRET = 'demo-only-not-a-secret';

/** A broker that runs, a provider that signs people in, a production to call, and people who are ready. */
export interface Stage {
  readonly directory: string;
  readonly data: string;
  readonly brokerUrl: string;
  readonly ordersUrl: string;
  readonly users: Readonly<Record<'maya' | 'tomas' | 'noor', DemoUser>>;
  /** Where the people who sign off hear of it. */
  readonly pager: Pager;
  readonly logSigner: NoteSigner;
  /** Entries written while everything was set up. */
  readonly entriesBefore: number;
  callOrders(
    method: string,
    path: string,
    token: string | undefined,
  ): Promise<{ status: number; text: string }>;
  /** A data directory of its own with a consistent copy of the log, to cheat in. */
  newCopy(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Sets everything up under `directory`, which must be empty. */
export async function setStage(directory: string, logLevel: 'error' | 'info'): Promise<Stage> {
  const data = join(directory, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  const port = await freePort();
  // Browsers make passkeys for localhost, and for no address in digits.
  const brokerUrl = `http://localhost:${port}`;
  const [identityProvider, pager] = [await startIdentityProvider(brokerUrl), await startPager()];
  const clientSecret = randomBytes(24).toString('base64url');
  await writeFile(join(data, 'orders-prod.secret'), clientSecret, { mode: 0o600 });
  await writeFile(join(data, 'demo-client.secret'), CLIENT_SECRET, { mode: 0o600 });
  await writeFile(join(data, 'pager.secret'), pager.secret, { mode: 0o600 });
  await writeFile(
    dataFiles(data).config,
    configText({ brokerUrl, port, issuer: identityProvider.issuer, pagerUrl: pager.url, logLevel }),
  );
  const config = readConfig(dataFiles(data).config, {});
  const codes = await initialiseServer({
    config,
    data,
    administrators: administrators.map((subject) => ({ issuer: 'demo', subject })),
  });
  const server = await startServer({ config, data });
  const introspectionUrl = `${brokerUrl}/grants/introspect`;
  const orders = await startOrdersService({ introspectionUrl, target: TARGET, clientSecret });
  const users = await getReady(brokerUrl, new Map(codes.map(({ subject, code }) => [subject, code])));
  return {
    directory,
    data,
    brokerUrl,
    ordersUrl: orders.url,
    users,
    pager,
    logSigner: ed25519Signer(ORIGIN, readKeyFiles(dataFiles(data).keys).logPem),
    entriesBefore: (await server.broker.store.head())?.size ?? 0,
    callOrders: (method, path, token) => callOrders(orders, method, path, token),
    newCopy: async (name) => {
      const copy = join(directory, name);
      await mkdir(copy, { mode: 0o700 });
      await copyDatabase(dataFiles(data).database, dataFiles(copy).database);
      return copy;
    },
    stop: () => stopAll(server, orders, identityProvider, pager),
  };
}

async function stopAll(
  server: RunningServer,
  orders: OrdersService,
  provider: DemoIdentityProvider,
  pager: Pager,
): Promise<void> {
  await server.stop();
  await orders.stop();
  await provider.stop();
  await pager.stop();
}

function startIdentityProvider(brokerUrl: string): Promise<DemoIdentityProvider> {
  const client = {
    client_id: 'countersign-demo',
    client_secret: CLIENT_SECRET,
    redirect_uris: [`${brokerUrl}/v1/sign-in/callback`],
    post_logout_redirect_uris: [`${brokerUrl}/signed-out`],
    backchannel_logout_uri: `${brokerUrl}/v1/sign-in/back-channel-logout`,
  };
  return startDemoIdentityProvider({ port: 0, people, clients: [client] });
}

function configText(at: {
  readonly brokerUrl: string;
  readonly port: number;
  readonly issuer: string;
  readonly pagerUrl: string;
  readonly logLevel: string;
}): string {
  return stringify({
    origin: ORIGIN,
    public_url: at.brokerUrl,
    listen: `127.0.0.1:${at.port}`,
    issuers: [
      {
        name: 'demo',
        issuer: at.issuer,
        client_id: 'countersign-demo',
        client_secret: { file: 'demo-client.secret' },
      },
    ],
    notify: { webhook: { url: at.pagerUrl, secrets: [{ file: 'pager.secret' }] } },
    introspection: { [TARGET]: { file: 'orders-prod.secret' } },
    log_level: at.logLevel,
  });
}

/** Everybody signs in; four administrators enrol, two sign the policy, two vouch; Ines opens the ticket. */
export async function getReady(broker: string, codes: ReadonlyMap<string, string>): Promise<Stage['users']> {
  const signIn = (username: Username) =>
    signInDemoUser(broker, username, people.find((person) => person.username === username)?.name ?? username);
  const [ada, bo, cleo, dan, maya, tomas, ines, noor] = await Promise.all([
    signIn('ada'),
    signIn('bo'),
    signIn('cleo'),
    signIn('dan'),
    signIn('maya'),
    signIn('tomas'),
    signIn('ines'),
    signIn('noor'),
  ]);
  for (const [username, user] of Object.entries({ ada, bo, cleo, dan }))
    await user.enrol(codes.get(username) ?? '');
  await publish([ada, bo]);
  await maya.enrol(await vouch(cleo, maya));
  await tomas.enrol(await vouch(dan, tomas));
  const ticket = await ines.call('POST', '/v1/tickets', {
    ticket: 'INC-2291',
    title: 'Orders export is stuck on a poisoned batch',
    responders: [maya.person],
  });
  expect(ticket.status === 201, `the ticket was not opened: ${JSON.stringify(ticket.body)}`);
  return { maya, tomas, noor };
}

async function publish(signers: readonly [DemoUser, DemoUser]): Promise<void> {
  const text = await readFile(new URL('../../../examples/demo/countersign.yaml', import.meta.url), 'utf8');
  const proposed = await signers[0].call('POST', '/v1/policy/proposals', { text, scopes: {} });
  expect(proposed.status === 201, `the policy was not taken: ${JSON.stringify(proposed.body)}`);
  const path = `/v1/policy/proposals/${proposed.body['proposal']}`;
  for (const signer of signers) {
    const { body } = await signer.call('POST', `${path}/statements`, {});
    const signed = await signer.call('POST', `${path}/signatures`, {
      statement: body['statement'],
      totp: signer.code(),
    });
    expect(signed.status === 201, `${signer.name} could not sign: ${JSON.stringify(signed.body)}`);
  }
}

async function vouch(voucher: DemoUser, colleague: DemoUser): Promise<string> {
  const answer = await voucher.call('POST', `/v1/people/${colleague.person}/vouchers`, {
    totp: voucher.code(),
  });
  expect(answer.status === 201, `${voucher.name} could not vouch: ${JSON.stringify(answer.body)}`);
  return String(answer.body['enrolment_code']);
}

async function callOrders(orders: OrdersService, method: string, path: string, token: string | undefined) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${orders.url}${path}`, { method, headers });
  return { status: response.status, text: await response.text() };
}
