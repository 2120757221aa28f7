import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Broker } from '../app/broker.ts';
import { vouchForPerson } from '../app/person/vouch-for-person.ts';
import { preparePublication, proposePolicy, signPolicy } from '../app/policy/publish-policy.ts';
import type { TicketSource } from '../app/ports.ts';
import { assemble, dataFiles } from '../assemble.ts';
import type { Config } from '../config.ts';
import { readConfig } from '../config-file.ts';
import { Failure } from '../domain/errors.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { initialiseServer } from '../server.ts';
import type { CaseFile } from './case-schema.ts';
import {
  acting,
  type Cast,
  castOf,
  codeFor,
  enrol,
  HOUSE_ISSUER,
  type Onstage,
  type Player,
  playedIdentity,
  signIn,
} from './cast.ts';
import { enrolPasskey } from './rehearsed-passkey.ts';
import { type SetClock, setClock } from './set-clock.ts';

const DAY_MS = 86_400_000;

/** A broker of real parts that stands at a moment of its own: nobody signs in over a network, and no cloud is called. */
export interface Stage extends Onstage {
  readonly cast: Cast;
  /** What does not answer from now on. */
  readonly down: Set<'ticket' | 'identity-provider'>;
  close(): Promise<void>;
}

export interface Theatre {
  /** The same beginning each time: the policy in force, everybody signed in and, where said, with a factor. */
  open(atMs: number): Promise<Stage>;
  close(): void;
}

/**
 * Sets up once, in a directory of its own, what every case begins with: a genesis, two administrators who publish the
 * policy, and the people of the file. Each case then goes on in a copy.
 */
export async function buildTheatre(policy: Policy, file: CaseFile, beginMs: number): Promise<Theatre> {
  const directory = mkdtempSync(
    join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'countersign-rehearsal-'),
  );
  const close = () => rmSync(directory, { recursive: true, force: true });
  try {
    const data = join(directory, 'data');
    mkdirSync(data, { mode: 0o700 });
    writeFileSync(dataFiles(data).config, configText(policy), { mode: 0o600 });
    const config = readConfig(dataFiles(data).config, {});
    const clock = setClock(beginMs - DAY_MS);
    const cast = await setUp(policy, file, { config, data, clock });
    let opened = 0;
    return {
      close,
      async open(atMs) {
        opened += 1;
        const copy = join(directory, `case-${opened}`);
        cpSync(data, copy, { recursive: true });
        chmodSync(dataFiles(copy).keys, 0o700);
        return stageOn(config, copy, { cast: cast.copy(), clock: setClock(atMs) });
      },
    };
  } catch (error) {
    close();
    throw error;
  }
}

interface Place {
  readonly config: Config;
  readonly data: string;
  readonly clock: SetClock;
}

async function setUp(policy: Policy, file: CaseFile, { config, data, clock }: Place): Promise<Cast> {
  const codes = await initialiseServer({
    config,
    data,
    administrators: ['first', 'second'].map((subject) => ({ issuer: HOUSE_ISSUER, subject })),
    platform: { clock },
  });
  const cast = castOf(policy, file);
  const stage = await stageOn(config, data, { cast, clock });
  const administrators = codes.map(({ subject, person, code }) => ({
    player: cast.administrator(subject, person),
    code,
  }));
  for (const { player, code } of administrators) {
    await signIn(stage, player);
    await enrol(stage, player, code);
  }
  const [first] = administrators;
  for (const player of cast.players) {
    if (player.kind === 'workload') continue;
    await signIn(stage, player);
    if (player.factor !== 'none' && first !== undefined) await enrolByVouching(stage, player, first.player);
  }
  await publish(
    stage,
    policy,
    administrators.map(({ player }) => player),
  );
  await stage.close();
  return cast;
}

async function enrolByVouching(stage: Stage, player: Player, voucher: Player): Promise<void> {
  const code = { totp: codeFor(stage, voucher) };
  const vouched = await vouchForPerson(stage.broker, acting(stage, voucher), player.actor.person, code);
  const enrolling = player.factor === 'passkey' ? enrolPasskey : enrol;
  await enrolling(stage, player, vouched.enrolment_code);
}

async function publish(stage: Stage, policy: Policy, administrators: readonly Player[]): Promise<void> {
  const { broker } = stage;
  const [first] = administrators;
  if (first === undefined) throw new Error('a rehearsal needs administrators');
  const text = JSON.stringify(policy);
  const { proposal } = await proposePolicy(broker, acting(stage, first), {
    policy,
    text,
    idempotency: undefined,
  });
  for (const player of administrators) {
    const totp = codeFor(stage, player);
    const { statement } = await preparePublication(broker, acting(stage, player), proposal);
    await signPolicy(broker, player.actor, proposal, { statement, totp, idempotency: undefined });
  }
}

async function stageOn(
  config: Config,
  data: string,
  { cast, clock }: { readonly cast: Cast; readonly clock: SetClock },
): Promise<Stage> {
  const assembled = await assemble(config, data, () => undefined, { clock });
  const down: Stage['down'] = new Set();
  const broker: Broker = {
    ...assembled.broker,
    ...playedIdentity(cast, assembled.broker),
    providers: new Map(
      [...assembled.broker.providers].map(([kind, provider]) => [kind, withoutCloud(provider)]),
    ),
    ticketSources: new Map(
      [...assembled.broker.ticketSources].map(([name, source]) => [name, answeringUnless(down, source)]),
    ),
  };
  cast.name(broker);
  return { broker, clock, cast, down, close: () => assembled.close() };
}

function answeringUnless(down: Stage['down'], source: TicketSource): TicketSource {
  return {
    ...source,
    check: (...asked) =>
      down.has('ticket')
        ? Promise.reject(new Failure('ticket-source-unavailable', 'it does not answer'))
        : source.check(...asked),
  };
}

/** What would be sent is made and recorded as ever; nothing is sent, and what it answers lets nobody in anywhere. */
function withoutCloud(provider: ReturnType<Broker['providers']['get']> & object): typeof provider {
  return {
    ...provider,
    open: async ({ endsAtMs }) => ({
      outcome: 'opened',
      cloudSession: 'rehearsed',
      providerRequest: null,
      expiresAtMs: endsAtMs,
      packedPolicyPercent: null,
      credentials: { kind: 'token', token: 'rehearsed', audience: 'nowhere' },
    }),
    revoke: async () => 'confirmed',
  };
}

/** The issuers that the policy names, and one for everybody else; an external id for each account, since none is asked. */
function configText(policy: Policy): string {
  const named = Object.values(policy.groups).flatMap(({ issuer }) => issuer ?? []);
  const issuers = [...new Set([HOUSE_ISSUER, ...named])];
  const accounts = Object.values(policy.targets).flatMap((target) =>
    target.provider === 'aws' ? [target.account] : [],
  );
  return stringify({
    origin: 'rehearsal.invalid/log',
    public_url: 'https://rehearsal.invalid',
    issuers: issuers.map((name) => ({ name, issuer: `https://${name}.invalid`, client_id: 'rehearsal' })),
    aws: {
      region: 'eu-west-1',
      external_ids: Object.fromEntries(accounts.map((account) => [account, 'rehearsal'])),
    },
  });
}
