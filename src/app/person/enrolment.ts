import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import { type EnrolmentCodeId, type FactorId, streams } from '../../domain/ids.ts';
import { type Confirmation, decideEnrol, type Means, mayEnrol } from '../../domain/person/enrol.ts';
import type { Shown } from '../../domain/person/show-factor.ts';
import { hasLostFactorOf } from '../../domain/person/stands-by.ts';
import { personFold } from '../../domain/person/state.ts';
import { own } from '../../domain/policy/own.ts';
import { logFold } from '../../domain/policy-change/state.ts';
import { fromUtf8, utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { leftSince, leftStreams } from '../grant/who-left.ts';
import { humansOf, type KnownPolicy, requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf } from '../prepared.ts';
import type { SecretChange } from '../store.ts';
import {
  checkFactor,
  type FactorGiven,
  factorStates,
  factorStreams,
  refusalStreams,
  refusalsState,
} from './factor.ts';

// What enrolling an authenticator and a passkey have in common: on whose authority, what waits, what it leaves behind.

const PENDING_LIVES_MS = 15 * 60_000;
/** Enrolments of one person and kind that may be under way; a further one takes the place of the oldest. */
const MOST_PENDING = 5;

type PendingKind = 'totp-seed-pending' | 'passkey-pending';

/** What was typed to begin with. */
export interface BegunWith {
  readonly label: string;
  readonly enrolmentCode?: string | undefined;
  readonly recoveryCode?: string | undefined;
}

interface Authority {
  readonly kind: Means['kind'];
  /** Entries of the person when it was begun: each enrolment replaces the recovery codes, so one rests on old ones. */
  readonly version: number;
  /** Hash under which the code that was typed is kept; null for an existing factor. */
  readonly hash: string | null;
  readonly code: EnrolmentCodeId | null;
}

/** An enrolment under way: `secret` is what its confirmation is held against. */
export interface Pending {
  readonly secret: string;
  readonly authority: Authority;
  readonly label: string;
}

/** Keeps what an enrolment was begun with, sealed, for a quarter of an hour. Nothing is spent by beginning. */
export async function begin(
  broker: Broker,
  actor: Actor,
  kind: PendingKind,
  given: BegunWith,
  secret: string,
): Promise<FactorId> {
  const nowMs = broker.clock.nowMs();
  const view = await broker.sequencer.read(['log', streams.person(actor.person)]);
  const version = view.version(streams.person(actor.person));
  const authority = { ...(await typedAuthority(broker, actor, given)), version };
  const means = meansOf(authority, { kind: 'nothing' }, view, actor, nowMs);
  const vouching = vouchingOf(await broker.policies.inForceIfAny(), view, actor, authority.code);
  const voucherStands = vouching.stands(await broker.sequencer.read(vouching.streams));
  const broken = mayEnrol({ actor, means, voucherStands, nowMs, ...enrolStates(view, actor) });
  if (broken !== undefined) throw new Failure('refused-by-rule', broken.because, { rule: broken.rule });
  const factor: FactorId = `f-${broker.random.ulid(nowMs)}`;
  const pending: Pending = { secret, authority, label: given.label };
  const sealed = broker.sealer.seal(utf8(JSON.stringify(pending)), purposeOf(kind, actor, factor));
  const expiresAtMs = nowMs + PENDING_LIVES_MS;
  await broker.store.secrets.put([
    ...(await oldestPending(broker, actor, kind)),
    { id: factor, person: actor.person, kind, value: sealed, expiresAtMs },
  ]);
  return factor;
}

/** Beginning needs no code, so nobody shall fill the store with beginnings. */
async function oldestPending(
  broker: Broker,
  { person }: Actor,
  kind: PendingKind,
): Promise<readonly SecretChange[]> {
  const pending = await broker.store.secrets.ofPerson(kind, person);
  // Their ids sort by time.
  return pending
    .slice(0, Math.max(0, pending.length - MOST_PENDING + 1))
    .map(({ id }) => ({ id, person, kind, value: null, expiresAtMs: null }));
}

const purposeOf = (kind: PendingKind, { person }: Actor, factor: string): string =>
  `${kind}\n${person}\n${factor}`;

async function typedAuthority(
  broker: Broker,
  actor: Actor,
  given: { readonly enrolmentCode?: string | undefined; readonly recoveryCode?: string | undefined },
): Promise<Omit<Authority, 'version'>> {
  const typed = given.enrolmentCode ?? given.recoveryCode;
  if (typed === undefined) return { kind: 'factor', hash: null, code: null };
  const kind = given.enrolmentCode === undefined ? 'recovery-code' : 'enrolment-code';
  const hash = broker.paperCodes.hash(typed);
  const found = hash === undefined ? undefined : await broker.store.secrets.get(kind, hash);
  const lives =
    found !== undefined && (found.expiresAtMs === null || broker.clock.nowMs() < found.expiresAtMs);
  if (!lives || hash === undefined || found.person !== actor.person) {
    throw new Failure(
      'factor-wrong',
      `That ${kind === 'recovery-code' ? 'recovery' : 'enrolment'} code is not one of yours, was used, or has expired.`,
      {
        mend: 'Ask a colleague for an enrolment code: they run `countersign factor vouch`.',
      },
    );
  }
  const code = kind === 'enrolment-code' ? (fromUtf8(found.value) as EnrolmentCodeId) : null;
  return { kind, hash, code };
}

function meansOf(authority: Authority, shown: Shown, view: View, actor: Actor, nowMs: number): Means {
  if (authority.kind === 'factor') {
    return { kind: 'factor', shown, states: factorStates(view, actor.person, shown, nowMs) };
  }
  if (authority.code !== null) return { kind: 'enrolment-code', code: authority.code };
  return { kind: 'recovery-code' };
}

const enrolStates = (view: View, actor: Actor) => ({
  person: view.state(personFold, streams.person(actor.person)),
  log: view.state(logFold, 'log'),
});

/** Who made the code that was typed, and whether they still answer for it: nobody, where none of theirs was. */
function vouchingOf(known: KnownPolicy | undefined, view: View, actor: Actor, code: EnrolmentCodeId | null) {
  const { codes } = view.state(personFold, streams.person(actor.person));
  const made = code === null ? undefined : own(codes, code);
  const humans = humansOf(known);
  return {
    streams: made === undefined ? [] : leftStreams(humans, [made.voucher]),
    stands: (now: View): boolean =>
      made === undefined ||
      !(
        leftSince(now, humans, made.voucher, made.seq) ||
        hasLostFactorOf(now.state(personFold, streams.person(made.voucher)), made)
      ),
  };
}

export interface Enrolled {
  readonly factor: FactorId;
  /** Shown once: each enrols one new factor when the authenticator is lost, and does nothing else. */
  readonly recovery_codes: readonly string[];
  readonly entries: readonly number[];
}

export interface Confirming {
  readonly factor: FactorId;
  readonly pending: Pending;
  readonly kind: PendingKind;
  /** When it was: a code that waited too long since is none, milliseconds since 1970. */
  readonly shownAtMs: number;
  /** What the new factor gave; the streams that spending it reads and writes. */
  readonly confirmation: (view: View, nowMs: number) => Confirmation;
  readonly confirmationStreams: ReturnType<typeof factorStreams>;
  /** What is kept of the new factor from now on. */
  readonly kept: readonly SecretChange[];
  /** Of an older factor, where the enrolment rests on one. */
  readonly given: FactorGiven;
}

/** The new factor has shown that it is there; from here on it counts. */
export const confirmPending = (broker: Broker, actor: Actor, confirming: Confirming): Promise<Enrolled> =>
  underOnePolicy(() => confirmOnce(broker, actor, confirming));

async function confirmOnce(broker: Broker, actor: Actor, confirming: Confirming): Promise<Enrolled> {
  const { factor, pending } = confirming;
  const nowMs = broker.clock.nowMs();
  const known = await broker.policies.inForceIfAny();
  const shown = await checkFactor(broker, actor, confirming.given);
  const stream = streams.person(actor.person);
  const before = await broker.sequencer.read([stream]);
  const version = before.version(stream);
  const vouching = vouchingOf(known, before, actor, pending.authority.code);
  const recovery = broker.paperCodes.newRecoveryCodes();
  const secrets = [
    ...confirming.kept,
    ...spentChanges(actor, confirming),
    ...(await recoveryChanges(broker, actor, recovery)),
  ];
  const command = commandOf<Enrolled>({
    actor,
    streams: [
      'log',
      'policy',
      ...vouching.streams,
      ...confirming.confirmationStreams,
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: confirming.shownAtMs,
    idempotency: undefined,
    about: undefined,
    judge(view, decidedAtMs) {
      requireInForce(view, known?.digest ?? null);
      requireUnreplaced(view, actor, pending.authority);
      // Which recovery codes are replaced was looked up for what stood then.
      if (view.version(stream) !== version)
        throw new Failure('conflict', 'Your factors changed at this very moment; try again.');
      const judged = decideEnrol({
        ...enrolInput(view, known, actor, confirming, decidedAtMs),
        makersAreKnown: broker.passkeys.makersAreKnown,
        means: meansOf(pending.authority, shown, view, actor, decidedAtMs),
        recoveryCodes: recovery.length,
        voucherStands: vouching.stands(view),
      });
      return judged.refusal === undefined ? { ...judged, secrets } : judged;
    },
    result: ({ entries }) => ({
      factor,
      recovery_codes: recovery.map(({ code }) => code),
      entries: entries.map(({ seq }) => seq),
    }),
  });
  return broker.sequencer.submit(command);
}

const enrolInput = (
  view: View,
  known: KnownPolicy | undefined,
  actor: Actor,
  { factor, pending, confirmation }: Confirming,
  nowMs: number,
) => ({
  actor,
  factor,
  label: pending.label,
  confirmation: confirmation(view, nowMs),
  demands: known?.policy.passkeys,
  refusals: refusalsState(view, actor.person, nowMs),
  nowMs,
  ...enrolStates(view, actor),
});

function requireUnreplaced(view: View, actor: Actor, { kind, version }: Authority): void {
  if (kind !== 'recovery-code' || view.version(streams.person(actor.person)) === version) return;
  throw new Failure(
    'factor-wrong',
    'Your factors have changed since this was begun, and your recovery codes with them.',
    {
      mend: 'Begin again with a newer recovery code: `countersign factor enrol`.',
    },
  );
}

/** @throws Failure `not-found` */
export async function readPending(
  broker: Broker,
  actor: Actor,
  kind: PendingKind,
  factor: FactorId,
): Promise<Pending> {
  const found = await broker.store.secrets.get(kind, factor);
  const lives = found !== undefined && (found.expiresAtMs ?? 0) > broker.clock.nowMs();
  if (!lives || found.person !== actor.person) {
    throw new Failure(
      'not-found',
      'There is no enrolment under way by that id; it lasts a quarter of an hour.',
      {
        mend: 'Begin again: `countersign factor enrol`.',
      },
    );
  }
  // We sealed this ourselves, bound to this person and factor.
  return JSON.parse(fromUtf8(broker.sealer.open(found.value, purposeOf(kind, actor, factor)))) as Pending;
}

/** What waited, and the code that allowed it, are gone in the commit that says so. */
function spentChanges({ person }: Actor, { factor, pending, kind }: Confirming): readonly SecretChange[] {
  const { authority } = pending;
  const waited: SecretChange = { id: factor, person, kind, value: null, expiresAtMs: null };
  if (authority.hash === null || authority.kind === 'factor') return [waited];
  return [waited, { id: authority.hash, person, kind: authority.kind, value: null, expiresAtMs: null }];
}

/** New recovery codes replace all older ones. */
async function recoveryChanges(
  broker: Broker,
  actor: Actor,
  fresh: readonly { readonly hash: string }[],
): Promise<readonly SecretChange[]> {
  const { person } = actor;
  const old = await broker.store.secrets.ofPerson('recovery-code', person);
  return [
    ...old.map(
      ({ id }): SecretChange => ({ id, person, kind: 'recovery-code', value: null, expiresAtMs: null }),
    ),
    ...fresh.map(({ hash }): SecretChange => {
      return { id: hash, person, kind: 'recovery-code', value: utf8('1'), expiresAtMs: null };
    }),
  ];
}
