import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import type { Broker } from '../../../src/app/broker.ts';
import type { IdentityProviders, SignInName } from '../../../src/app/identity-ports.ts';
import { initialise } from '../../../src/app/initialise.ts';
import { beginEnrolment, confirmEnrolment } from '../../../src/app/person/enrol-factor.ts';
import { finishSignIn } from '../../../src/app/person/sign-in.ts';
import { vouchForPerson } from '../../../src/app/person/vouch-for-person.ts';
import { personalTexts } from '../../../src/app/personal-text.ts';
import { policyLibrary } from '../../../src/app/policy/policy-in-force.ts';
import { preparePublication, proposePolicy, signPolicy } from '../../../src/app/policy/publish-policy.ts';
import type { AuthenticatorCodes, OpenOutcome, PreparedSession, Provider } from '../../../src/app/ports.ts';
import { beginLog } from '../../../src/app/sequencer/begin-log.ts';
import { openLog } from '../../../src/app/sequencer/sequencer.ts';
import type { Store } from '../../../src/app/store.ts';
import { REGISTER, ticketPattern, ticketStream } from '../../../src/app/ticket/write-ticket.ts';
import { auditConformance, type Conformance } from '../../../src/audit/conformance.ts';
import { readAuditedEntry } from '../../../src/audit/read-audited-entry.ts';
import type { Actor } from '../../../src/domain/actor.ts';
import { Failure } from '../../../src/domain/errors.ts';
import type { PersonId } from '../../../src/domain/ids.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { accessTokens } from '../../../src/identity/access-tokens.ts';
import { hashCode, newCode, newRecoveryCodes } from '../../../src/identity/codes.ts';
import { dpopVerifier } from '../../../src/identity/dpop.ts';
import { personId } from '../../../src/identity/person-id.ts';
import { replayMemory } from '../../../src/identity/replay-memory.ts';
import { matchTotp, newTotpSeed, otpauthUri, seedText } from '../../../src/identity/totp.ts';
import { passkeysOf } from '../../../src/identity/webauthn.ts';
import { base64url, hex, utf8 } from '../../../src/log/bytes.ts';
import { ed25519Signer, generateEd25519Pem, verifyEd25519 } from '../../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../../src/platform/node-hasher.ts';
import { nodeRandom } from '../../../src/platform/node-random.ts';
import { sealer } from '../../../src/platform/sealer.ts';
import { verifySignature } from '../../../src/platform/verify-signature.ts';
import { registry } from '../../../src/projections/registry.ts';
import { generateGrantKey, grantKeys } from '../../../src/providers/token/keys.ts';
import { tokenProvider } from '../../../src/providers/token.ts';
import { openSqliteStore } from '../../../src/storage/sqlite/sqlite-store.ts';
import { ticketRegister } from '../../../src/tickets/register.ts';
import { type TurnedClock, turnedClock } from '../ticket-log.ts';

/** Half past eight: no quarter, hour or day begins while a world is set up. */
export const WORLD_BEGINS_MS = Date.UTC(2026, 4, 4, 8, 31);
const ISSUER = 'https://idp.example';
const origin = 'log.example/countersign';
const pem = generateEd25519Pem();
const keys = await grantKeys([await generateGrantKey()]);

export interface Person {
  readonly name: string;
  readonly person: PersonId;
  /** What the identity provider says; a test may change it. */
  idpGroups: readonly string[];
  actor: Actor;
  readonly seeds: Map<string, Uint8Array>;
  /** The factor whose codes `code` gives. */
  factor: string;
  recoveryCodes: readonly string[];
  lastStep: number;
}

/** What happens between the cloud's being called and its answer, and what the answer is. */
export interface CloudTurn {
  readonly before?: () => Promise<void>;
  readonly answer?: OpenOutcome;
}

export interface World {
  readonly broker: Broker;
  readonly clock: TurnedClock;
  readonly reports: string[];
  /** Used up by the next call to the cloud. */
  readonly cloud: { next: CloudTurn };
  readonly tickets: { down: boolean };
  readonly people: ReadonlyMap<string, Person>;
  who(name: string): Person;
  signIn(name: string): Promise<void>;
  /** A code that was not used before; lets time pass to the next one where it has to. */
  code(name: string): string;
  enrol(name: string, enrolmentCode: string): Promise<void>;
  audit(): Promise<Conformance>;
  entries(): Promise<
    readonly { readonly seq: number; readonly type: string; readonly data: Record<string, unknown> }[]
  >;
  close(): Promise<void>;
}

/** A whole broker of real parts but for the identity provider's network and the wall's clock. */
export async function emptyWorld(
  groupsByName: Readonly<Record<string, readonly string[]>>,
  elsewhere?: Store,
): Promise<World> {
  const directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'countersign-world-'));
  const clock = turnedClock(WORLD_BEGINS_MS);
  const random = nodeRandom();
  const store = elsewhere ?? openSqliteStore(join(directory, 'log.db'), { nowMs: clock.nowMs() });
  const signer = ed25519Signer(origin, pem);
  await beginLog({ store, hasher: nodeHasher, signer });
  const parts = {
    store,
    hasher: nodeHasher,
    signer,
    verify: verifyEd25519,
    clock,
    random,
    program: 'countersign/test',
    registry,
  };
  const sequencer = await openLog(parts);
  const cloud: World['cloud'] = { next: {} };
  const tickets = { down: false };
  const reports: string[] = [];
  const people = new Map<string, Person>();
  const signedIn: { name?: SignInName } = {};
  const broker: Broker = {
    id: 'broker-of-the-test',
    program: parts.program,
    origin,
    publicUrl: 'https://broker.example',
    store,
    sequencer,
    clock,
    random,
    hasher: nodeHasher,
    sealer: sealer([{ id: 'k1', key: new Uint8Array(32).fill(3) }]),
    identityProviders: providerOf(people, clock, signedIn),
    accessTokens: accessTokens({
      secrets: store.secrets,
      clock,
      random,
      verifyDpop: dpopVerifier(),
      replays: replayMemory(),
    }),
    // The issuer's clock is a little ahead.
    authenticateWorkload: async (subject, nowMs) => ({
      issuer: 'pipelines',
      issuerUrl: 'https://pipelines.example',
      subject,
      issuedAt: Math.floor(nowMs / 1000) + 3,
      keyId: 'k',
    }),
    namePerson: (kind, issuer, subject) => personId(new Uint8Array(32).fill(5), kind, issuer, subject),
    authenticator: authenticator(random),
    passkeys: passkeysOf({ publicUrl: 'https://broker.example', hasher: nodeHasher }),
    paperCodes: {
      newEnrolmentCode: () => newCode(random, 'enrolment'),
      newRecoveryCodes: () => newRecoveryCodes(random),
      hash: hashCode,
    },
    policies: policyLibrary({ store, sequencer, hasher: nodeHasher }),
    ticketSources: new Map(),
    providers: new Map([
      [
        'token',
        interrupted(tokenProvider({ issuer: 'https://broker.example/grants', keys, clock, random }), cloud),
      ],
    ]),
    incidentKey: new Uint8Array(32).fill(9),
    report: ({ what }) => reports.push(what),
  };
  const register = registerOf(broker, tickets);
  const withTickets: Broker = { ...broker, ticketSources: new Map([[REGISTER, register]]) };

  for (const [name, idpGroups] of Object.entries(groupsByName)) {
    people.set(name, newPerson(withTickets, name, idpGroups));
  }
  const who = (name: string): Person => {
    const found = people.get(name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    // Every call asks the provider anew when what it said is old.
    found.actor = { ...found.actor, claimsAtMs: clock.nowMs() };
    return found;
  };

  const world: World = {
    broker: withTickets,
    clock,
    reports,
    cloud,
    tickets,
    people,
    who,
    async signIn(name) {
      const one = who(name);
      await finishSignIn(withTickets, {
        currentUrl: `https://broker.example/callback?as=${name}`,
        address: null,
        userAgent: null,
      });
      const { name: kept } = signedIn;
      if (kept === undefined) throw new Error('the sign-in was not kept');
      one.actor = { ...one.actor, signIn: kept.signIn, claimsAtMs: clock.nowMs(), idpGroups: one.idpGroups };
    },
    code(name) {
      const one = who(name);
      const seed = one.seeds.get(one.factor);
      if (seed === undefined) throw new Error(`${name} has no factor`);
      const step = Math.floor(clock.nowMs() / 30_000);
      if (step <= one.lastStep) clock.advance((one.lastStep + 1) * 30_000 - clock.nowMs());
      one.lastStep = Math.floor(clock.nowMs() / 30_000);
      return codeOf(seed, clock.nowMs());
    },
    async enrol(name, enrolmentCode) {
      const one = who(name);
      const begun = await beginEnrolment(withTickets, one.actor, { label: name, enrolmentCode });
      await confirm(world, one, begun);
    },
    async audit() {
      const audited = [];
      for await (const bytes of store.entries(0, (await store.head())?.size ?? 0))
        audited.push(readAuditedEntry(nodeHasher, bytes));
      return auditConformance({
        verifySignature,
        hasher: nodeHasher,
        origin,
        entries: audited,
        attachment: (digest) => store.attachment(digest),
      });
    },
    async entries() {
      const read = [];
      for await (const bytes of store.entries(0, (await store.head())?.size ?? 0)) {
        const { seq, type, data } = readAuditedEntry(nodeHasher, bytes);
        read.push({ seq, type, data });
      }
      return read;
    },
    async close() {
      await sequencer.stop();
      await store.close();
      rmSync(directory, { recursive: true });
    },
  };
  return world;
}

/** Another broker on the world's log, by a store of its own, with the same clock, cloud and tickets. */
export async function brokerBeside(
  { broker, clock, tickets }: World,
  id: string,
  store: Store,
): Promise<Broker> {
  const { random, program } = broker;
  const signer = ed25519Signer(origin, pem);
  const log = { store, hasher: nodeHasher, signer, verify: verifyEd25519, clock, random, program, registry };
  const sequencer = await openLog(log);
  const policies = policyLibrary({ store, sequencer, hasher: nodeHasher });
  const beside: Broker = { ...broker, id, store, sequencer, policies };
  return { ...beside, ticketSources: new Map([[REGISTER, registerOf(beside, tickets)]]) };
}

/** The code of a seed at a moment, as an authenticator shows it. */
export const codeOf = (seed: Uint8Array, nowMs: number): string =>
  generateSync({ secret: seed, algorithm: 'sha1', digits: 6, period: 30, epoch: Math.floor(nowMs / 1000) });

/** Confirms a begun enrolment with the code of its own seed, and takes the new factor into use. */
export async function confirm(
  world: World,
  one: Person,
  begun: { readonly factor: `f-${string}`; readonly secret: string },
  totp?: string,
): Promise<void> {
  const seed = seedOfText(begun.secret);
  const code = codeOf(seed, world.clock.nowMs());
  const enrolled = await confirmEnrolment(world.broker, one.actor, begun.factor, { code, totp });
  one.seeds.set(begun.factor, seed);
  one.factor = begun.factor;
  one.recoveryCodes = enrolled.recovery_codes;
  one.lastStep = Math.floor(world.clock.nowMs() / 30_000);
}

/** Genesis, everybody signed in and with a factor, and a policy that two administrators published. */
export async function worldUnder(
  policy: Policy,
  groupsByName: Readonly<Record<string, readonly string[]>>,
  administrators: readonly [string, string],
  elsewhere?: Store,
): Promise<World> {
  const world = await emptyWorld(groupsByName, elsewhere);
  const named = administrators.map((name) => ({ person: world.who(name).person, issuer: 'corp' }));
  const genesis = await initialise({ ...world.broker }, { origin, logKey: 'test', administrators: named });
  for (const name of world.people.keys()) await world.signIn(name);
  for (const { person, code } of genesis.codes) {
    const name = administrators.find((one) => world.who(one).person === person) ?? '';
    await world.enrol(name, code);
  }
  for (const name of world.people.keys()) {
    if (world.who(name).factor !== '') continue;
    const [voucher] = administrators;
    const vouched = await vouchForPerson(world.broker, world.who(voucher).actor, world.who(name).person, {
      totp: world.code(voucher),
    });
    await world.enrol(name, vouched.enrolment_code);
  }
  await publish(world, policy, administrators);
  return world;
}

export async function publish(
  world: World,
  policy: Policy,
  administrators: readonly [string, string],
): Promise<void> {
  const { broker } = world;
  const [first] = administrators;
  const text = `# ${JSON.stringify(policy)}`;
  const { proposal } = await proposePolicy(broker, world.who(first).actor, {
    policy,
    text,
    idempotency: undefined,
  });
  for (const name of administrators) {
    const { actor } = world.who(name);
    const { statement } = await preparePublication(broker, actor, proposal, world.who(name).factor);
    await signPolicy(broker, actor, proposal, { statement, totp: world.code(name), idempotency: undefined });
  }
}

function newPerson(broker: Broker, name: string, idpGroups: readonly string[]): Person {
  const person = broker.namePerson('human', ISSUER, name);
  const actor: Actor = {
    kind: 'human',
    person,
    signIn: null,
    issuer: 'corp',
    idpGroups,
    claimsAtMs: 0,
    membership: 'fresh',
    keyThumbprint: thumbprintOf(name),
    workload: null,
    address: '192.0.2.7',
  };
  return { name, person, idpGroups, actor, seeds: new Map(), factor: '', recoveryCodes: [], lastStep: 0 };
}

const thumbprintOf = (name: string) => base64url(nodeHasher.sha256(utf8(name)));

/** An identity provider that believes the address: `?as=NAME`. */
function providerOf(
  people: ReadonlyMap<string, Person>,
  clock: TurnedClock,
  signedIn: { name?: SignInName },
): IdentityProviders {
  const keySet = utf8('{"keys":[]}');
  return {
    names: ['corp'],
    beginSignIn: async () => ({ url: ISSUER, secrets: [] }),
    refreshClaims: async () => ({ groups: [], claimsAtMs: clock.nowMs() }),
    lastClaims: async () => undefined,
    endSessionUrl: async () => undefined,
    standIn: () => Promise.reject(new Failure('not-signed-in', 'the provider answers')),
    signedOutAtProvider: async () => [],
    async finishSignIn({ currentUrl }) {
      const name = new URL(currentUrl).searchParams.get('as') ?? '';
      const facts = {
        issuer: 'corp',
        issuerUrl: ISSUER,
        subject: name,
        groups: people.get(name)?.idpGroups ?? [],
        claimsAtMs: clock.nowMs(),
        displayName: name,
        authTimeMs: clock.nowMs(),
        acr: null,
        idToken: 'x.y.z',
        keySet: { digest: `sha256:${hex(nodeHasher.sha256(keySet))}`, bytes: keySet },
      };
      const goesTo = {
        kind: 'command-line' as const,
        redirect_uri: 'http://127.0.0.1:9/',
        code_challenge: thumbprintOf('c'),
        state: 's',
        dpop_jkt: thumbprintOf(name),
      };
      const keep = (kept: SignInName) => {
        signedIn.name = kept;
        const row = { id: kept.signIn, person: kept.person, kind: 'provider-tokens' as const };
        return [{ ...row, value: utf8('sealed'), expiresAtMs: null }];
      };
      return { facts, goesTo, keep };
    },
  };
}

const authenticator = (random: Broker['random']): AuthenticatorCodes => ({
  newSeed: () => newTotpSeed(random),
  uri: (account, seed) => otpauthUri({ issuerLabel: 'Countersign', account, seed }),
  text: seedText,
  match: matchTotp,
});

/** The real provider, between whose call and answer something may happen, or whose answer may be lost. */
function interrupted(provider: Provider, cloud: World['cloud']): Provider {
  return {
    ...provider,
    async open(prepared: PreparedSession, signal) {
      const { before, answer } = cloud.next;
      cloud.next = {};
      const outcome = await provider.open(prepared, signal);
      await before?.();
      return answer ?? outcome;
    },
  };
}

function registerOf(broker: Broker, tickets: { readonly down: boolean }) {
  const source = ticketRegister({
    name: REGISTER,
    hasher: nodeHasher,
    isTicketName: (ticket) => ticketPattern.test(ticket),
    streamOf: (ticket) => ticketStream(broker, REGISTER, ticket),
    read: (streams) => broker.sequencer.read(streams),
    titleAt: async (seq) => (await personalTexts(broker, [seq]))(seq, 'title'),
  });
  const check: typeof source.check = (...asked) =>
    tickets.down
      ? Promise.reject(new Failure('ticket-source-unavailable', 'it does not answer'))
      : source.check(...asked);
  return { ...source, check };
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function seedOfText(text: string): Uint8Array {
  const bits = [...text].map((digit) => BASE32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
