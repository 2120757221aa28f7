import { createHmac } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Broker } from './app/broker.ts';
import type { Sequencer } from './app/command.ts';
import type { NewsParts } from './app/news/tell-news.ts';
import type { Notifier } from './app/notifier.ts';
import { personalTexts } from './app/personal-text.ts';
import { policyLibrary } from './app/policy/policy-in-force.ts';
import type { AuthenticatorCodes, Clock, PaperCodes, Provider, Random, Sealer } from './app/ports.ts';
import { openLog } from './app/sequencer/sequencer.ts';
import type { Store } from './app/store.ts';
import { REGISTER, ticketPattern, ticketStream } from './app/ticket/write-ticket.ts';
import type { Config } from './config.ts';
import type { Channel } from './domain/policy/policy.ts';
import { accessTokens } from './identity/access-tokens.ts';
import { hashCode, newCode, newRecoveryCodes } from './identity/codes.ts';
import { dpopVerifier } from './identity/dpop.ts';
import { oidcIssuers } from './identity/oidc.ts';
import { personId } from './identity/person-id.ts';
import { replayMemory } from './identity/replay-memory.ts';
import { matchTotp, newTotpSeed, otpauthUri, seedText } from './identity/totp.ts';
import { passkeysOf } from './identity/webauthn.ts';
import { workloadIssuers } from './identity/workload.ts';
import { emailNotifier } from './notify/email.ts';
import { webhookNotifier } from './notify/webhook.ts';
import { type KeyFiles, readKeyFiles } from './platform/key-files.ts';
import { ed25519Signer, verifyEd25519 } from './platform/node-ed25519.ts';
import { nodeHasher } from './platform/node-hasher.ts';
import { nodeRandom } from './platform/node-random.ts';
import { sealer } from './platform/sealer.ts';
import { systemClock } from './platform/system-clock.ts';
import { registry } from './projections/registry.ts';
import { awsProvider } from './providers/aws.ts';
import { type GrantKeys, grantKeys } from './providers/token/keys.ts';
import { tokenProvider } from './providers/token.ts';
import { openPostgresStore } from './storage/postgres/postgres-store.ts';
import { openSqliteStore } from './storage/sqlite/sqlite-store.ts';
import { ticketRegister } from './tickets/register.ts';

/** What a data directory holds; nothing else of the broker's is kept anywhere. */
export const dataFiles = (data: string) => ({
  database: join(data, 'countersign.db'),
  keys: join(data, 'keys'),
  config: join(data, 'server.yaml'),
  /** The newest checkpoint that this broker saw: apart from a database, it shows that an old one was put back. */
  checkpoint: join(data, 'newest.checkpoint'),
});

/** Name and version, as every entry tells it. */
export const program = `countersign/${versionOf()}`;

function versionOf(): string {
  const near = [new URL('../package.json', import.meta.url), new URL('../../package.json', import.meta.url)];
  const path = near.find((candidate) => existsSync(candidate));
  if (path === undefined) return '0.0.0';
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}

/** A test may turn the clock; everything else is the real thing. */
export interface Platform {
  /** Checkpoints that were kept outside the store. */
  readonly heldCheckpoints?: readonly Uint8Array[];
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface Assembled {
  readonly broker: Broker;
  readonly grantKeys: GrantKeys;
  readonly grantIssuer: string;
  /** By what ways people are told what concerns them. */
  readonly news: NewsParts;
  close(): Promise<void>;
}

/** Puts the broker together from its configuration and data directory. The only place where adapters meet ports. */
export async function assemble(
  config: Config,
  data: string,
  report: Broker['report'],
  platform: Platform = {},
): Promise<Assembled> {
  const clock = platform.clock ?? systemClock;
  const random = platform.random ?? nodeRandom();
  const keys = readKeyFiles(dataFiles(data).keys);
  const store = await openStore(data, config.databaseUrl, clock, (what) =>
    report({ what, error: undefined }),
  );
  const { heldCheckpoints = [] } = platform;
  const sequencer = await openSequencer({ store, clock, random, heldCheckpoints }, keys, config.origin);
  const grantTokenKeys = await grantKeys(keys.grantTokenKeys);
  const grantIssuer = `${config.publicUrl}/grants`;
  const broker = brokerOf({
    config,
    clock,
    random,
    keys,
    store,
    sequencer,
    report,
    grantKeys: grantTokenKeys,
    grantIssuer,
  });
  const close = async () => {
    await sequencer.stop();
    await store.close();
  };
  const news = { notifiers: notifiersOf(config, clock), personalText: config.notify.personalText };
  return { broker, grantKeys: grantTokenKeys, grantIssuer, news, close };
}

/** In PostgreSQL where an address says so, else in the data directory's file. */
export async function openStore(
  data: string,
  databaseUrl: string | null,
  clock: Clock,
  notice: (what: string) => void = () => undefined,
): Promise<Store> {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  if (databaseUrl !== null) return openPostgresStore(databaseUrl, { nowMs: clock.nowMs(), notice });
  return openSqliteStore(dataFiles(data).database, { nowMs: clock.nowMs() });
}

export function openSequencer(
  parts: {
    readonly store: Store;
    readonly clock: Clock;
    readonly random: Random;
    readonly heldCheckpoints?: readonly Uint8Array[];
  },
  keys: KeyFiles,
  origin: string,
): Promise<Sequencer> {
  const signer = ed25519Signer(origin, keys.logPem);
  return openLog({ ...parts, hasher: nodeHasher, signer, verify: verifyEd25519, program, registry });
}

interface Pieces {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: KeyFiles;
  readonly store: Store;
  readonly sequencer: Sequencer;
  readonly report: Broker['report'];
  readonly grantKeys: GrantKeys;
  readonly grantIssuer: string;
}

function brokerOf(pieces: Pieces): Broker {
  const { config, clock, random, keys, store, sequencer } = pieces;
  const seal = sealer(keys.sealingKeys);
  const incidentKey = derivedKey(keys.personKey, 'countersign/incident-key/v1');
  const broker: Broker = {
    id: `${hostname().slice(0, 40)}-${random.ulid(clock.nowMs())}`,
    program,
    origin: config.origin,
    publicUrl: config.publicUrl,
    store,
    sequencer,
    clock,
    random,
    hasher: nodeHasher,
    sealer: seal,
    ...identityOf(pieces, seal),
    policies: policyLibrary({ store, sequencer, hasher: nodeHasher }),
    ticketSources: new Map(),
    providers: providersOf(pieces),
    incidentKey,
    report: pieces.report,
  };
  return { ...broker, ticketSources: new Map([[REGISTER, registerOf(broker)]]) };
}

/** Names in the log are keyed hashes: one key each for people and for tickets, of one file. */
const derivedKey = (key: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(createHmac('sha256', key).update(purpose).digest());

function identityOf({ config, clock, random, keys, store }: Pieces, seal: Sealer) {
  const { secrets } = store;
  return {
    identityProviders: oidcIssuers(config.issuers, { secrets, sealer: seal, clock, random }),
    accessTokens: accessTokens({
      secrets,
      clock,
      random,
      verifyDpop: dpopVerifier(),
      replays: replayMemory(),
    }),
    authenticateWorkload: workloadIssuers(config.workloadIssuers),
    namePerson: (kind: 'human' | 'workload', issuerUrl: string, subject: string) =>
      personId(keys.personKey, kind, issuerUrl, subject),
    authenticator: authenticatorCodes(random),
    passkeys: passkeysOf({ publicUrl: config.publicUrl, hasher: nodeHasher }),
    paperCodes: paperCodes(random),
  };
}

const authenticatorCodes = (random: Random): AuthenticatorCodes => ({
  newSeed: () => newTotpSeed(random),
  uri: (account, seed) => otpauthUri({ issuerLabel: 'Countersign', account, seed }),
  text: seedText,
  match: matchTotp,
});

export const paperCodes = (random: Random): PaperCodes => ({
  newEnrolmentCode: () => newCode(random, 'enrolment'),
  newRecoveryCodes: () => newRecoveryCodes(random),
  hash: hashCode,
});

function providersOf({
  config,
  clock,
  random,
  grantKeys: keys,
  grantIssuer,
}: Pieces): Map<'token' | 'aws', Provider> {
  const providers = new Map<'token' | 'aws', Provider>();
  providers.set('token', tokenProvider({ issuer: grantIssuer, keys, clock, random }));
  if (config.aws !== null) {
    const { region, partition, endpoint, chained, external_ids } = config.aws;
    const optional = {
      ...(region && { region }),
      ...(partition && { partition }),
      ...(endpoint && { endpoint }),
    };
    providers.set(
      'aws',
      awsProvider({ externalIds: new Map(Object.entries(external_ids)), chained, ...optional }),
    );
  }
  return providers;
}

function notifiersOf({ notify }: Config, clock: Clock): ReadonlyMap<Channel, Notifier> {
  const notifiers = new Map<Channel, Notifier>();
  if (notify.webhook !== null) notifiers.set('webhook', webhookNotifier(notify.webhook, clock));
  if (notify.email !== null) notifiers.set('email', emailNotifier(notify.email));
  return notifiers;
}

function registerOf(broker: Broker) {
  return ticketRegister({
    name: REGISTER,
    hasher: broker.hasher,
    isTicketName: (ticket) => ticketPattern.test(ticket),
    streamOf: (ticket) => ticketStream(broker, REGISTER, ticket),
    read: (streams) => broker.sequencer.read(streams),
    titleAt: async (seq) => (await personalTexts(broker, [seq]))(seq, 'title'),
  });
}
