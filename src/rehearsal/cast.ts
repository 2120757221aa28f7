import type { KeyObject } from 'node:crypto';
import { generateSync } from 'otplib';
import type { Broker } from '../app/broker.ts';
import type { IdentityProviders, SignInName } from '../app/identity-ports.ts';
import { beginEnrolment, confirmEnrolment } from '../app/person/enrol-factor.ts';
import { finishSignIn } from '../app/person/sign-in.ts';
import type { Actor } from '../domain/actor.ts';
import type { PersonId } from '../domain/ids.ts';
import { own } from '../domain/policy/own.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { base64url, hex, utf8 } from '../log/bytes.ts';
import { nodeHasher } from '../platform/node-hasher.ts';
import type { CaseFile } from './case-schema.ts';
import type { SetClock } from './set-clock.ts';

/** The issuer of everybody whose groups name none. */
export const HOUSE_ISSUER = 'rehearsal';

/** What an authenticator of somebody of the file holds: a real key, so that the broker's own check is what judges it. */
export interface RehearsedPasskey {
  readonly key: KeyObject;
  readonly credential: string;
  readonly origin: string;
  readonly factor: string;
}

/** What people act on. */
export interface Onstage {
  readonly broker: Broker;
  readonly clock: SetClock;
}

/** Somebody of the file. `actor` is who they are to the broker. */
export interface Player {
  readonly nick: string;
  readonly kind: 'human' | 'workload';
  readonly factor: 'none' | 'totp' | 'passkey';
  /** The id that the policy lists; undefined: whatever the broker makes of the name. */
  readonly listedAs: string | undefined;
  actor: Actor;
  /** What their authenticator would hold, in base 32; null: no factor. */
  secret: string | null;
  /** What they sign with; null: they show codes, or nothing. */
  passkey: RehearsedPasskey | null;
  lastStep: number;
  signedInAtMs: number;
}

export interface Cast {
  readonly players: readonly Player[];
  find(nick: string): Player | undefined;
  /** Also the administrators who set the stage. */
  anybody(nick: string): Player | undefined;
  administrator(nick: string, person: string): Player;
  /** Gives everybody the ids that this broker knows them by. */
  name(broker: Broker): void;
  copy(): Cast;
}

export function castOf(policy: Policy, file: CaseFile): Cast {
  return assembleCast(Object.entries(file.who).map(([nick, who]) => newPlayer(policy, nick, who)));
}

function assembleCast(players: readonly Player[]): Cast {
  const offices: Player[] = [];
  return {
    players,
    find: (nick) => players.find((player) => player.nick === nick),
    anybody: (nick) => [...offices, ...players].find((player) => player.nick === nick),
    administrator(nick, person) {
      const player = human(nick, { issuer: HOUSE_ISSUER, idpGroups: [] }, 'totp', person);
      offices.push(player);
      return player;
    },
    name(broker) {
      for (const player of players) {
        const { actor, kind, nick } = player;
        const person = player.listedAs ?? broker.namePerson(kind, issuerUrl(actor.issuer), nick);
        player.actor = { ...actor, person: person as PersonId, claimsAtMs: broker.clock.nowMs() };
      }
    },
    copy: () => assembleCast(players.map((player) => ({ ...player }))),
  };
}

const issuerUrl = (issuer: string): string => `https://${issuer}.invalid`;

function newPlayer(policy: Policy, nick: string, who: CaseFile['who'][string]): Player {
  if ('workload' in who)
    return workload(nick, who.workload, own(policy.workloads, who.workload)?.issuer ?? '');
  const groups = who.groups.flatMap((name) => own(policy.groups, name) ?? []);
  const issuer = groups.find((group) => group.issuer !== null)?.issuer ?? HOUSE_ISSUER;
  const idpGroups = groups.flatMap(({ idp }) => idp ?? []);
  return human(nick, { issuer, idpGroups }, who.factor ?? strongestOf(policy), who.id);
}

/** What everybody has under a policy that wants it somewhere. */
const strongestOf = ({ factors }: Policy): 'totp' | 'passkey' =>
  Object.values(factors).includes('passkey') ? 'passkey' : 'totp';

function human(
  nick: string,
  told: { readonly issuer: string; readonly idpGroups: readonly string[] },
  factor: Player['factor'],
  listedAs: string | undefined,
): Player {
  const actor: Actor = {
    kind: 'human',
    person: (listedAs ?? 'p-') as PersonId,
    signIn: null,
    ...told,
    claimsAtMs: 0,
    membership: 'fresh',
    keyThumbprint: thumbprintOf(nick),
    workload: null,
    address: null,
  };
  const nothingYet = { secret: null, passkey: null, lastStep: -1, signedInAtMs: -1 };
  return { nick, kind: 'human', factor, listedAs, actor, ...nothingYet };
}

function workload(nick: string, name: string, issuer: string): Player {
  const { actor, ...rest } = human(nick, { issuer, idpGroups: [] }, 'none', undefined);
  return { ...rest, kind: 'workload', actor: { ...actor, kind: 'workload', workload: name } };
}

const thumbprintOf = (nick: string): string => base64url(nodeHasher.sha256(utf8(`rehearsal ${nick}`)));

/** The ports through which people come in: here they are believed by name. */
export function playedIdentity(cast: Cast, real: Broker): Pick<Broker, 'identityProviders' | 'namePerson'> {
  return {
    namePerson: (kind, issuer, subject) =>
      (cast.find(subject)?.listedAs as PersonId | undefined) ?? real.namePerson(kind, issuer, subject),
    identityProviders: providersOf(cast, real),
  };
}

function providersOf(cast: Cast, real: Broker): IdentityProviders {
  const keySet = utf8('{"keys":[]}');
  return {
    ...real.identityProviders,
    refreshClaims: async () => ({ groups: [], claimsAtMs: real.clock.nowMs() }),
    async finishSignIn({ currentUrl }) {
      const asked = new URL(currentUrl).searchParams;
      const issuer = asked.get('issuer') ?? HOUSE_ISSUER;
      const subject = asked.get('as') ?? '';
      const nowMs = real.clock.nowMs();
      const facts = {
        issuer,
        issuerUrl: issuerUrl(issuer),
        subject,
        groups: asked.getAll('group'),
        claimsAtMs: nowMs,
        displayName: subject,
        authTimeMs: nowMs,
        acr: null,
        idToken: 'rehearsed',
        keySet: { digest: `sha256:${hex(nodeHasher.sha256(keySet))}`, bytes: keySet },
      };
      const goesTo = {
        kind: 'command-line' as const,
        redirect_uri: 'http://127.0.0.1:9/',
        code_challenge: thumbprintOf('challenge'),
        state: 'rehearsal',
        dpop_jkt: thumbprintOf(subject),
      };
      const keep = ({ signIn, person }: SignInName) => {
        const player = cast.anybody(subject);
        if (player !== undefined) player.actor = { ...player.actor, signIn };
        const row = { id: signIn, person, kind: 'provider-tokens' as const, expiresAtMs: null };
        return [{ ...row, value: utf8('rehearsed') }];
      };
      return { facts, goesTo, keep };
    },
  };
}

/** Anew where the last time is so long ago that the sign-in has ended. */
export async function signIn({ broker, clock }: Onstage, player: Player): Promise<void> {
  const { nick, actor } = player;
  const isSignedIn = player.signedInAtMs >= 0 && clock.nowMs() < player.signedInAtMs + SIGN_IN_AGAIN_MS;
  if (player.kind === 'workload' || isSignedIn) return;
  player.signedInAtMs = clock.nowMs();
  const asked = new URLSearchParams([
    ['as', nick],
    ['issuer', actor.issuer],
    ...actor.idpGroups.map((group) => ['group', group]),
  ]);
  const currentUrl = `https://rehearsal.invalid/callback?${asked}`;
  await finishSignIn(broker, { currentUrl, address: null, userAgent: null });
}

/** Who they are to the broker, with groups told just now, as on every call. */
export function acting({ clock }: Onstage, player: Player): Actor {
  player.actor = { ...player.actor, claimsAtMs: clock.nowMs() };
  return player.actor;
}

export async function enrol(stage: Onstage, player: Player, enrolmentCode: string): Promise<void> {
  const { broker, clock } = stage;
  const begun = await beginEnrolment(broker, acting(stage, player), { label: 'rehearsal', enrolmentCode });
  player.secret = begun.secret;
  const code = codeAt(begun.secret, clock.nowMs());
  await confirmEnrolment(broker, acting(stage, player), begun.factor, { code, totp: undefined });
  player.lastStep = stepAt(clock.nowMs());
}

/** The next code that was not used yet; the clock goes on by up to half a minute where it has to. undefined: no factor. */
export function codeFor({ clock }: Pick<Onstage, 'clock'>, player: Player): string | undefined {
  if (player.secret === null) return undefined;
  const waitMs = (player.lastStep + 1) * STEP_MS - clock.nowMs();
  if (waitMs > 0) clock.advance(waitMs);
  player.lastStep = stepAt(clock.nowMs());
  return codeAt(player.secret, clock.nowMs());
}

/** Shorter than a sign-in lives. */
const SIGN_IN_AGAIN_MS = 3_600_000;
const STEP_MS = 30_000;
const stepAt = (nowMs: number): number => Math.floor(nowMs / STEP_MS);
const codeAt = (secret: string, nowMs: number): string =>
  generateSync({ secret, algorithm: 'sha1', digits: 6, period: 30, epoch: Math.floor(nowMs / 1000) });
