import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Broker } from '../../src/app/broker.ts';
import type { Clock } from '../../src/app/ports.ts';
import { type Config, type NotifyConfig, notifyNobody } from '../../src/config.ts';
import type { DemoPerson } from '../../src/demo/demo-person.ts';
import { type DemoIdentityProvider, startDemoIdentityProvider } from '../../src/demo/identity-provider.ts';
import { readRoots } from '../../src/identity/attestation-roots.ts';
import { issuerDefaults } from '../../src/identity/issuer-config.ts';
import { initialiseServer, startServer } from '../../src/server.ts';
import { type StsStandIn, startStsStandIn } from '../providers/sts-stand-in.ts';
import { enrol, type Person, publish, signIn } from './person.ts';
import { policyText } from './policy-text.ts';
import { startWorkloadIssuer, type WorkloadIssuer } from './workload-issuer.ts';

export const CLIENT_SECRET = 'a secret of the tests only';
export const SHOP_SECRET = 'a secret of shop-prod only';

export interface TurnedClock extends Clock {
  advance(ms: number): void;
}

/** The real time at first; then it passes only when a test says so, beside what really passes. */
export function turnedClock(): TurnedClock {
  let aheadMs = 0;
  return {
    nowMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now() + aheadMs,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}

export const staff: readonly DemoPerson[] = [
  { username: 'maya', name: 'Maya Okafor', groups: ['eng'], email: 'maya@example.com' },
  { username: 'tomas', name: 'Tomas Lind', groups: ['leads'], email: 'tomas@example.com' },
  { username: 'ines', name: 'Ines Duarte', groups: ['leads', 'duty'], email: 'ines@example.com' },
  { username: 'ada', name: 'Ada Byron', groups: ['admins'], email: 'ada@example.com' },
  { username: 'bo', name: 'Bo Larsen', groups: ['admins'], email: 'bo@example.com' },
  { username: 'noor', name: 'Noor Haddad', groups: ['audit'], email: 'noor@example.com' },
  { username: 'otto', name: 'Otto Outside', groups: [], email: 'otto@example.com' },
  // Somebody else under Maya's name and address.
  { username: 'double', name: 'Maya Okafor', groups: [], email: 'maya@example.com' },
];
export type Name = 'maya' | 'tomas' | 'ines' | 'ada' | 'bo' | 'noor' | 'otto' | 'double';

export interface World {
  readonly url: string;
  /** The broker's data directory. */
  readonly data: string;
  readonly broker: Broker;
  readonly clock: TurnedClock;
  readonly provider: DemoIdentityProvider;
  readonly sts: StsStandIn;
  readonly workloads: WorkloadIssuer;
  readonly people: Readonly<Record<Name, Person>>;
  /** Every line the broker logged. */
  readonly lines: readonly string[];
  /** Another process on the same data; what the first one held in memory is gone. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly trustedProxies?: readonly string[];
  readonly notify?: NotifyConfig;
  readonly policy?: string;
  /** Makers of authenticators that the configuration believes, in PEM. */
  readonly attestationRoots?: string;
  /** How the identity provider calls them, where that is not their own name. */
  readonly names?: Partial<Readonly<Record<Name, string>>>;
  /** The broker's own AWS credentials are a role's session: an hour at a time. */
  readonly chained?: boolean;
  /** Nobody has signed in yet, no policy is in force, and the clock was not turned for anybody's code. */
  readonly isEmpty?: boolean;
  /** The name under which browsers reach it: passkeys belong to a name, never to an address. */
  readonly host?: 'localhost';
  /** How long the identity provider's word on somebody's groups is good; left out: it is asked on every call. */
  readonly claimsAgeSeconds?: number;
  /** Left out: a browser may open sessions. */
  readonly sessionsInBrowsers?: boolean;
}

/** The whole broker on loopback, its people signed in with a second factor, and the policy in force. */
export async function startWorld(more: WorldOptions = {}): Promise<World> {
  const clock = turnedClock();
  const data = mkdtempSync(join(tmpdir(), 'countersign-http-'));
  const port = await freePort();
  const url = `http://${more.host ?? '127.0.0.1'}:${port}`;
  const clients = [
    {
      client_id: 'countersign',
      client_secret: CLIENT_SECRET,
      redirect_uris: [`${url}/v1/sign-in/callback`],
      post_logout_redirect_uris: [`${url}/signed-out`],
      backchannel_logout_uri: `${url}/v1/sign-in/back-channel-logout`,
    },
  ];
  const called = staff.map((one) => ({ ...one, name: more.names?.[one.username as Name] ?? one.name }));
  const provider = await startDemoIdentityProvider({ port: 0, people: called, clients });
  const [sts, workloads] = [await startStsStandIn({ nowMs: clock.nowMs }), await startWorkloadIssuer(clock)];
  process.env['AWS_ACCESS_KEY_ID'] = sts.credentials.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = sts.credentials.secretAccessKey;
  const config = configOf({
    url,
    port,
    provider,
    sts,
    workloads,
    trustedProxies: more.trustedProxies ?? [],
    notify: more.notify ?? notifyNobody,
    chained: more.chained ?? false,
    attestationRoots: more.attestationRoots,
    claimsAgeSeconds: more.claimsAgeSeconds ?? 0,
    sessionsInBrowsers: more.sessionsInBrowsers ?? true,
  });
  const administrators = ['ada', 'bo'].map((subject) => ({ issuer: 'corp', subject }));
  const codes = await initialiseServer({ config, data, administrators, platform: { clock } });
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const start = () => startServer({ config, data, platform: { clock }, logger });
  let server = await start();
  const people =
    more.isEmpty === true
      ? ({} as Record<Name, Person>)
      : await everybody({ url, clock }, codes, more.policy ?? policyText);
  const restart = async () => {
    await server.stop();
    server = await start();
  };
  const stop = async () => {
    await server.stop();
    await Promise.all([provider.stop(), sts.stop(), workloads.stop()]);
    rmSync(data, { recursive: true });
  };
  return {
    url,
    data,
    get broker() {
      return server.broker;
    },
    clock,
    provider,
    sts,
    workloads,
    people,
    lines,
    restart,
    stop,
  };
}

/** Signed in, those who sign off with a second factor, and the policy in force. */
export async function everybody(
  at: { readonly url: string; readonly clock: TurnedClock },
  codes: readonly { readonly subject: string; readonly code: string }[],
  policy: string,
): Promise<Record<Name, Person>> {
  const names = staff.map(({ username }) => username);
  const signedIn = new Map<string, Person>();
  for (const name of names) signedIn.set(name, await signIn(at, name));
  // All of them are there: each name was just set.
  const people = Object.fromEntries(signedIn) as Record<Name, Person>;
  for (const { subject, code } of codes) await enrol(people[subject as Name], code);
  for (const name of ['maya', 'tomas', 'ines', 'noor'] as const) {
    const voucher = await people.ada.post(`/v1/people/${people[name].id}/vouchers`, {
      totp: people.ada.code(),
    });
    await enrol(people[name], String(voucher.body['enrolment_code']));
  }
  await publish(policy, [people.ada, people.bo]);
  return people;
}

interface ConfigParts {
  readonly url: string;
  readonly port: number;
  readonly provider: DemoIdentityProvider;
  readonly sts: StsStandIn;
  readonly workloads: WorkloadIssuer;
  readonly trustedProxies: readonly string[];
  readonly notify: NotifyConfig;
  readonly chained: boolean;
  readonly attestationRoots: string | undefined;
  readonly claimsAgeSeconds: number;
  readonly sessionsInBrowsers: boolean;
}

function configOf({
  url,
  port,
  provider,
  sts,
  workloads,
  trustedProxies,
  notify,
  chained,
  attestationRoots,
  claimsAgeSeconds,
  sessionsInBrowsers,
}: ConfigParts): Config {
  return {
    origin: 'log.example.com/http-tests',
    publicUrl: url,
    listen: { address: '127.0.0.1', port },
    trustedProxies,
    issuers: [
      {
        ...issuerDefaults,
        name: 'corp',
        issuer: provider.issuer,
        client_id: 'countersign',
        client_secret: CLIENT_SECRET,
        allow_http_loopback: true,
        max_claims_age_seconds: claimsAgeSeconds,
      },
    ],
    workloadIssuers: [
      {
        name: 'pipelines',
        issuer: workloads.issuer,
        audience: url,
        algorithms: ['ES256'],
        jwks_uri: `${workloads.issuer}/jwks`,
        allow_http_loopback: true,
      },
    ],
    databaseUrl: null,
    attestationRoots: attestationRoots === undefined ? [] : (readRoots(attestationRoots) ?? []),
    introspectionSecrets: new Map([['shop-prod', createHash('sha256').update(SHOP_SECRET).digest('hex')]]),
    aws: {
      chained,
      external_ids: { '447109238812': 'countersign-tests' },
      endpoint: sts.endpoint,
      region: 'eu-west-1',
    },
    notify,
    browserIdleMs: 3_600_000,
    sessionsInBrowsers,
    logLevel: 'info',
    shown: {},
  };
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

export const key = (): string => randomBytes(12).toString('hex');
