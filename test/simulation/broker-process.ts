import { announceStart } from '../../src/app/announce-start.ts';
import type { Broker } from '../../src/app/broker.ts';
import type { Sequencer } from '../../src/app/command.ts';
import type { AccessTokens, IdentityProviders, SignedIn, SignInName } from '../../src/app/identity-ports.ts';
import { leasedJob } from '../../src/app/jobs/leased-job.ts';
import { timedJobs } from '../../src/app/jobs/timed-jobs.ts';
import type { Notifier } from '../../src/app/notifier.ts';
import { personalTexts } from '../../src/app/personal-text.ts';
import { policyLibrary } from '../../src/app/policy/policy-in-force.ts';
import type { OpenOutcome, PreparedSession, TicketSource } from '../../src/app/ports.ts';
import { openLog } from '../../src/app/sequencer/sequencer.ts';
import { OutcomeUnknown, type Store } from '../../src/app/store.ts';
import { REGISTER, ticketPattern, ticketStream } from '../../src/app/ticket/write-ticket.ts';
import { Failure } from '../../src/domain/errors.ts';
import type { Channel } from '../../src/domain/policy/policy.ts';
import { hashCode, newCode, newRecoveryCodes } from '../../src/identity/codes.ts';
import { passkeysOf } from '../../src/identity/webauthn.ts';
import { base64url, utf8 } from '../../src/log/bytes.ts';
import { registry } from '../../src/projections/registry.ts';
import { ticketRegister } from '../../src/tickets/register.ts';
import { type BrokerClock, brokerClock } from './clocks.ts';
import { endInCloud, openInCloud, providersOf } from './cloud.ts';
import { ISSUER, ISSUER_URL, keySet, nameOfPerson, PIPELINES_URL } from './company.ts';
import { type Dice, diceOf, randomOf } from './dice.ts';
import { type Carry, memoryStore } from './memory-store.ts';
import type { Caller } from './network.ts';
import {
  simulatedAuthenticator,
  simulatedHasher,
  simulatedSealer,
  simulatedSigning,
} from './simulated-parts.ts';
import { type BrokerProcess, noteDefect, type World } from './world.ts';

export const ORIGIN = 'log.example/simulation';
export const signing = simulatedSigning(ORIGIN);
const PROGRAM = 'countersign/simulation';
const CLOUD_ADAPTER_WAITS_MS = 15_000;

/** Starts a new life; it is up once `broker` is there. Never rejects: what fails to start is down again. */
export async function startProcess(world: World, process: BrokerProcess, dice: Dice): Promise<void> {
  process.lives += 1;
  const caller: Caller = { broker: process.number, alive: true };
  process.caller = caller;
  process.clock = brokerClock(world.time, dice.below(400) - 200, dice.below(1_000) - 500);
  const label = `${world.label}/broker ${process.number}/life ${process.lives}`;
  try {
    const broker = await brokerOf(world, process, diceOf(label));
    // Like the server, which does not start without a genesis.
    const isBegun = world.database.entries.length > 0 && broker.sequencer.status().writable;
    if (isBegun) await announceStart(broker, { origin: ORIGIN });
    process.broker = broker;
    const news = { notifiers: notifiersOf(world, caller), personalText: false };
    const jobs = timedJobs(broker, news).map((job) => [job.name, leasedJob(broker, job)] as const);
    process.jobs = new Map(jobs);
  } catch (error) {
    if (!(error instanceof Failure) && !(error instanceof PortDown)) throw error;
    caller.alive = false;
  }
}

/** The process is gone at once, wherever it was: nothing of it goes on. */
export function killProcess(world: World, process: BrokerProcess, dice: Dice): void {
  process.caller.alive = false;
  process.broker = undefined;
  process.jobs = new Map();
  for (const task of world.tasks) {
    if (task.broker === process.number && task.state === 'running') task.state = 'unanswered';
  }
  world.network.cut(process.caller, dice);
}

/** What an adapter throws when the other side does not answer; each port turns it into its own words. */
class PortDown extends Error {
  override readonly name = 'PortDown';
}

const silent = (what: string) => () => new PortDown(`${what} does not answer`);

async function brokerOf(world: World, process: BrokerProcess, dice: Dice): Promise<Broker> {
  const { clock, caller } = process;
  const random = randomOf(dice);
  const store = storeOf(world, caller);
  const sequencer = await sequencerOf(world, process, store, dice);
  const broker: Broker = {
    id: `broker-${process.number}-${process.lives}`,
    program: PROGRAM,
    origin: ORIGIN,
    publicUrl: 'https://broker.example',
    store,
    sequencer,
    clock,
    random,
    hasher: simulatedHasher,
    sealer: simulatedSealer(),
    identityProviders: identityProvidersOf(world, caller, clock),
    accessTokens: accessTokensOf(world, caller),
    authenticateWorkload: async (subject, nowMs) => ({
      issuer: 'pipelines',
      issuerUrl: PIPELINES_URL,
      subject,
      issuedAt: Math.floor(nowMs / 1000),
      keyId: 'k',
    }),
    namePerson: nameOfPerson,
    authenticator: simulatedAuthenticator(random),
    passkeys: passkeysOf({ publicUrl: 'https://broker.example', hasher: simulatedHasher }),
    paperCodes: {
      newEnrolmentCode: () => newCode(random, 'enrolment'),
      newRecoveryCodes: () => newRecoveryCodes(random),
      hash: hashCode,
    },
    policies: policyLibrary({ store, sequencer, hasher: simulatedHasher }),
    ticketSources: new Map(),
    providers: providersOf(cloudCallsOf(world, caller), clock, dice),
    incidentKey: new Uint8Array(32).fill(9),
    report({ what, error }) {
      world.tell(`broker ${process.number} reports: ${what}`);
      if (error !== undefined && error !== null) noteDefect(world, what, error);
    },
  };
  return { ...broker, ticketSources: new Map([[REGISTER, ticketsOf(world, caller, broker)]]) };
}

function storeOf(world: World, caller: Caller): Store {
  const carry: Carry = (what, effect) =>
    world.network.call({
      caller,
      what,
      effect,
      failed: silent(what),
      lost: what === 'store.advance' ? () => new OutcomeUnknown('the answer was lost') : silent(what),
    });
  const store = memoryStore(world.database, carry, () => world.time.nowMs);
  return world.sabotage.store?.(store, world.database) ?? store;
}

async function sequencerOf(
  world: World,
  { caller, clock }: BrokerProcess,
  store: Store,
  dice: Dice,
): Promise<Sequencer> {
  const sequencer = await openLog({
    store,
    hasher: simulatedHasher,
    ...signing,
    clock,
    random: randomOf(dice),
    program: PROGRAM,
    registry,
    pauses: {
      breathe: () => world.network.pause(caller, 0).over,
      standBack: () => world.network.pause(caller, 1).over,
    },
  });
  return world.sabotage.sequencer?.(sequencer) ?? sequencer;
}

function cloudCallsOf(world: World, caller: Caller) {
  return {
    async open(prepared: PreparedSession): Promise<OpenOutcome> {
      const unanswered = world.network.pause(caller, CLOUD_ADAPTER_WAITS_MS);
      const answered = world.network
        .call({
          caller,
          what: 'cloud.open',
          effect: () => openInCloud(world.cloud, prepared, world.time, world.database.entries.length),
          failed: () => new CloudRefused(),
          lost: silent('the cloud'),
        })
        .catch(outcomeOf);
      const outcome = await Promise.race([answered, unanswered.over]);
      unanswered.cancel();
      const told: OpenOutcome = outcome ?? { outcome: 'unknown', reason: 'no answer within 15 s' };
      return world.sabotage.outcome?.(told) ?? told;
    },
    revoke: (grant: string) =>
      world.network.call({
        caller,
        what: 'cloud.revoke',
        effect: () => endInCloud(world.cloud, grant, world.time),
        failed: silent('the cloud'),
        lost: silent('the cloud'),
      }),
  };
}

class CloudRefused extends Error {
  override readonly name = 'CloudRefused';
}

const outcomeOf = (error: unknown): OpenOutcome =>
  error instanceof CloudRefused
    ? { outcome: 'refused', reason: 'the cloud is closed for today', mend: null, retryable: true }
    : { outcome: 'unknown', reason: 'the answer was lost' };

function ticketsOf(world: World, caller: Caller, broker: Broker): TicketSource {
  const source = ticketRegister({
    name: REGISTER,
    hasher: broker.hasher,
    isTicketName: (ticket) => ticketPattern.test(ticket),
    streamOf: (ticket) => ticketStream(broker, REGISTER, ticket),
    read: (streams) => broker.sequencer.read(streams),
    titleAt: async (seq) => (await personalTexts(broker, [seq]))(seq, 'title'),
  });
  const unavailable = () => new Failure('ticket-source-unavailable', 'it does not answer');
  return {
    ...source,
    async check(...asked) {
      const effect = () => undefined;
      await world.network.call({
        caller,
        what: 'tickets.check',
        effect,
        failed: unavailable,
        lost: unavailable,
      });
      return source.check(...asked);
    },
  };
}

/** A mail server and a webhook: what reaches them is kept, whether or not the broker hears that it did. */
function notifiersOf(world: World, caller: Caller): ReadonlyMap<Channel, Notifier> {
  const notifier = (channel: Channel): Notifier => ({
    channel,
    async send({ id, occasion, group }) {
      const effect = () => {
        if (world.sabotage.swallowsLetters !== true) world.letters.push({ id, channel, occasion, group });
      };
      const [failed, lost] = [silent(channel), silent(channel)];
      try {
        await world.network.call({ caller, what: `news.${channel}`, effect, failed, lost });
        return { kind: 'delivered' };
      } catch {
        return { kind: 'failed', failure: 'it does not answer', again: true };
      }
    },
  });
  return new Map([
    ['email', notifier('email')],
    ['webhook', notifier('webhook')],
  ]);
}

/** The provider believes the address (`?as=NAME`) and tells the groups it knows at the moment it is asked. */
function identityProvidersOf(world: World, caller: Caller, clock: BrokerClock): IdentityProviders {
  const unavailable = () =>
    new Failure('identity-provider-unavailable', 'the identity provider does not answer');
  const ask = <Answer>(effect: () => Answer) =>
    world.network.call({ caller, what: 'idp.ask', effect, failed: unavailable, lost: unavailable });
  return {
    names: [ISSUER],
    beginSignIn: async () => ({ url: ISSUER_URL, secrets: [] }),
    async refreshClaims({ person }) {
      const groups = await ask(() => world.groupsOf(person));
      const told = { groups, claimsAtMs: clock.nowMs() };
      world.lastTold.set(person, told);
      return told;
    },
    lastClaims: async ({ person }) => world.lastTold.get(person),
    endSessionUrl: async () => undefined,
    standIn: () => Promise.reject(new Failure('not-signed-in', 'the provider answers')),
    signedOutAtProvider: async () => [],
    async finishSignIn({ currentUrl }) {
      const name = new URL(currentUrl).searchParams.get('as') ?? '';
      const groups = await ask(() => world.who(name).idpGroups);
      const facts = {
        issuer: ISSUER,
        issuerUrl: ISSUER_URL,
        subject: name,
        groups,
        claimsAtMs: clock.nowMs(),
        displayName: name,
        authTimeMs: clock.nowMs(),
        acr: null,
        idToken: 'x.y.z',
        keySet,
      };
      const goesTo = {
        kind: 'command-line' as const,
        redirect_uri: 'http://127.0.0.1:9/',
        code_challenge: thumbprintOf('challenge'),
        state: 'state',
        dpop_jkt: thumbprintOf(name),
      };
      const keep = (kept: SignInName) => {
        const row = { id: kept.signIn, person: kept.person, kind: 'provider-tokens' as const };
        return [{ ...row, value: utf8('sealed'), expiresAtMs: null }];
      };
      return { facts, goesTo, keep };
    },
  };
}

export const thumbprintOf = (name: string): string => base64url(simulatedHasher.sha256(utf8(name)));

/** Tokens are the sign-in's id; that a sign-in is in the log, and has not ended, each decision asks for itself. */
function accessTokensOf(world: World, caller: Caller): AccessTokens {
  const notSignedIn = () => new Failure('not-signed-in', 'That token is nobody’s.');
  const elsewhere = async (): Promise<never> => {
    throw notSignedIn();
  };
  return {
    issueCode(signedIn: SignedIn) {
      world.tokens.set(signedIn.signIn, signedIn);
      return { code: signedIn.signIn, secrets: [] };
    },
    redeemCode: elsewhere,
    refresh: elsewhere,
    async authenticate({ accessToken }) {
      const effect = () => world.tokens.get(accessToken);
      const failed = silent('secrets.get');
      const found = await world.network.call({ caller, what: 'secrets.token', effect, failed, lost: failed });
      if (found === undefined) throw notSignedIn();
      return found;
    },
    endSignIn: async () => [],
    livingOf: async () => [],
    forget: () => undefined,
    forgetPerson: () => undefined,
  };
}
