import { createHmac } from 'node:crypto';
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
import type { AwsReference } from './cloud-actions/aws/reference.ts';
import type { Config } from './config.ts';
import type { Channel } from './domain/policy/policy.ts';
import type { BuiltAssets } from './http/assets.ts';
import { accessTokens } from './identity/access-tokens.ts';
import { hashCode, newCode, newRecoveryCodes } from './identity/codes.ts';
import { dpopVerifier } from './identity/dpop.ts';
import { oidcIssuers } from './identity/oidc.ts';
import { personId } from './identity/person-id.ts';
import { replayMemory } from './identity/replay-memory.ts';
import { matchTotp, newTotpSeed, otpauthUri, seedText } from './identity/totp.ts';
import { passkeysOf } from './identity/webauthn.ts';
import { workloadIssuers } from './identity/workload.ts';
import { webhookNotifier } from './notify/webhook.ts';
import type { BrokerKeys } from './platform/key-texts.ts';
import { ed25519Signer, verifyEd25519 } from './platform/node-ed25519.ts';
import { nodeHasher } from './platform/node-hasher.ts';
import { sealer } from './platform/sealer.ts';
import { registry } from './projections/registry.ts';
import { type AwsProviderParts, awsProvider } from './providers/aws.ts';
import { type GrantKeys, grantKeys } from './providers/token/keys.ts';
import { tokenProvider } from './providers/token.ts';
import { ticketRegister } from './tickets/register.ts';

/** What of this program lies beside its code: files in a process, assets in a Worker. */
export interface Installation {
  /** Name and version, as every entry tells it. */
  readonly program: string;
  readonly readAssets: () => BuiltAssets;
  readonly awsReference: () => Promise<AwsReference>;
}

/** Everything that differs by where a broker runs, and its configuration. */
export interface Surroundings {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: BrokerKeys;
  readonly store: Store;
  /** Checkpoints that were kept outside the store. */
  readonly heldCheckpoints: readonly Uint8Array[];
  readonly report: Broker['report'];
  /** What the broker's id begins with. */
  readonly host: string;
  readonly installation: Installation;
  /** null: by e-mail nobody is told. */
  readonly emailNotifier: Notifier | null;
  /** The broker's own at AWS; left out: what the SDK finds. */
  readonly awsCredentials?: NonNullable<AwsProviderParts['credentials']>;
}

export interface Assembled {
  readonly broker: Broker;
  readonly grantKeys: GrantKeys;
  readonly grantIssuer: string;
  /** By what ways people are told what concerns them. */
  readonly news: NewsParts;
  readonly installation: Installation;
  close(): Promise<void>;
}

/** Puts the broker together. The only place where adapters meet ports. */
export async function compose(surroundings: Surroundings): Promise<Assembled> {
  const { config, keys, store, installation } = surroundings;
  const sequencer = await openSequencer(
    { ...surroundings, program: installation.program },
    keys,
    config.origin,
  );
  const grantTokenKeys = await grantKeys(keys.grantTokenKeys);
  const grantIssuer = `${config.publicUrl}/grants`;
  const broker = brokerOf({ ...surroundings, sequencer, grantKeys: grantTokenKeys, grantIssuer });
  const close = async () => {
    await sequencer.stop();
    await store.close();
  };
  const news = { notifiers: notifiersOf(surroundings), personalText: config.notify.personalText };
  return { broker, grantKeys: grantTokenKeys, grantIssuer, news, installation, close };
}

export function openSequencer(
  parts: {
    readonly store: Store;
    readonly clock: Clock;
    readonly random: Random;
    readonly heldCheckpoints?: readonly Uint8Array[];
    readonly program: string;
  },
  keys: BrokerKeys,
  origin: string,
): Promise<Sequencer> {
  const signer = ed25519Signer(origin, keys.logPem);
  const { store, clock, random, heldCheckpoints = [], program } = parts;
  const here = { hasher: nodeHasher, signer, verify: verifyEd25519, registry };
  return openLog({ store, clock, random, heldCheckpoints, program, ...here });
}

interface Pieces extends Surroundings {
  readonly sequencer: Sequencer;
  readonly grantKeys: GrantKeys;
  readonly grantIssuer: string;
}

function brokerOf(pieces: Pieces): Broker {
  const { config, clock, random, keys, store, sequencer } = pieces;
  const seal = sealer(keys.sealingKeys);
  const incidentKey = derivedKey(keys.personKey, 'countersign/incident-key/v1');
  const broker: Broker = {
    id: `${pieces.host.slice(0, 40)}-${random.ulid(clock.nowMs())}`,
    program: pieces.installation.program,
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
    passkeys: passkeysOf({
      publicUrl: config.publicUrl,
      hasher: nodeHasher,
      makers: { roots: config.attestationRoots, clock },
    }),
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
  awsCredentials,
}: Pieces): Map<'token' | 'aws', Provider> {
  const providers = new Map<'token' | 'aws', Provider>();
  providers.set('token', tokenProvider({ issuer: grantIssuer, keys, clock, random }));
  if (config.aws !== null) {
    const { region, partition, endpoint, chained, external_ids } = config.aws;
    const optional = {
      ...(region && { region }),
      ...(partition && { partition }),
      ...(endpoint && { endpoint }),
      ...(awsCredentials && { credentials: awsCredentials }),
    };
    providers.set(
      'aws',
      awsProvider({ externalIds: new Map(Object.entries(external_ids)), chained, ...optional }),
    );
  }
  return providers;
}

function notifiersOf({ config, clock, emailNotifier }: Surroundings): ReadonlyMap<Channel, Notifier> {
  const notifiers = new Map<Channel, Notifier>();
  const { webhook } = config.notify;
  if (webhook !== null) notifiers.set('webhook', webhookNotifier(webhook, clock));
  if (emailNotifier !== null) notifiers.set('email', emailNotifier);
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
