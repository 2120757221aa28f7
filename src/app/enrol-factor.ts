import type { Actor } from '../domain/actor.ts';
import { Failure } from '../domain/errors.ts';
import { type EnrolmentCodeId, type FactorId, streams } from '../domain/ids.ts';
import { decideEnrol, type Means, mayEnrol } from '../domain/person/enrol.ts';
import { decideRemoveFactor } from '../domain/person/remove-factor.ts';
import type { Shown } from '../domain/person/show-factor.ts';
import { hasLostFactorOf } from '../domain/person/stands-by.ts';
import { personFold } from '../domain/person/state.ts';
import { own } from '../domain/policy/own.ts';
import { logFold } from '../domain/policy-change/state.ts';
import { base64, fromBase64, fromUtf8, utf8 } from '../log/bytes.ts';
import type { Broker } from './broker.ts';
import type { View } from './command.ts';
import {
  checkCode,
  factorStates,
  factorStreams,
  refusalStreams,
  refusalsState,
  seedPurpose,
} from './factor.ts';
import { humansOf } from './policy-in-force.ts';
import { commandOf } from './prepared.ts';
import type { SecretChange } from './store.ts';
import { leftSince, leftStreams } from './who-left.ts';

const PENDING_LIVES_MS = 15 * 60_000;
/** Enrolments of one person that may be under way; a further one takes the place of the oldest. */
const MOST_PENDING = 5;

/** Shown once; an authenticator takes either form. */
export interface BegunEnrolment {
  readonly factor: FactorId;
  readonly otpauth_uri: string;
  readonly secret: string;
}

interface Authority {
  readonly kind: Means['kind'];
  /** Entries of the person when it was begun: each enrolment replaces the recovery codes, so one rests on old ones. */
  readonly version: number;
  /** Hash under which the code that was typed is kept; null for an existing factor. */
  readonly hash: string | null;
  readonly code: EnrolmentCodeId | null;
}

/** Makes a seed that counts for nothing until it is confirmed. Nothing is spent by beginning. */
export async function beginEnrolment(
  broker: Broker,
  actor: Actor,
  given: {
    readonly label: string;
    readonly enrolmentCode?: string | undefined;
    readonly recoveryCode?: string | undefined;
  },
): Promise<BegunEnrolment> {
  const nowMs = broker.clock.nowMs();
  const view = await broker.sequencer.read(['log', streams.person(actor.person)]);
  const version = view.version(streams.person(actor.person));
  const authority = { ...(await typedAuthority(broker, actor, given)), version };
  const means = meansOf(authority, { kind: 'nothing' }, view, actor, nowMs);
  const vouching = await vouchingOf(broker, view, actor, authority.code);
  const voucherStands = vouching.stands(await broker.sequencer.read(vouching.streams));
  const broken = mayEnrol({ actor, means, voucherStands, nowMs, ...enrolStates(view, actor) });
  if (broken !== undefined) throw new Failure('refused-by-rule', broken.because, { rule: broken.rule });
  const factor: FactorId = `f-${broker.random.ulid(nowMs)}`;
  const seed = broker.authenticator.newSeed();
  const secret = broker.authenticator.text(seed);
  const pending = utf8(JSON.stringify({ seed: base64(seed), authority, label: given.label }));
  await broker.store.secrets.put([
    ...(await oldestPending(broker, actor)),
    {
      id: factor,
      person: actor.person,
      kind: 'totp-seed-pending',
      value: broker.sealer.seal(pending, pendingPurpose(actor.person, factor)),
      expiresAtMs: nowMs + PENDING_LIVES_MS,
    },
  ]);
  const otpauth = broker.authenticator.uri(given.label, seed);
  return { factor, otpauth_uri: otpauth, secret };
}

/** Beginning needs no code, so nobody shall fill the store with beginnings. */
async function oldestPending(broker: Broker, { person }: Actor): Promise<readonly SecretChange[]> {
  const kind = 'totp-seed-pending';
  const pending = await broker.store.secrets.ofPerson(kind, person);
  // Their ids sort by time.
  return pending
    .slice(0, Math.max(0, pending.length - MOST_PENDING + 1))
    .map(({ id }) => ({ id, person, kind, value: null, expiresAtMs: null }));
}

const pendingPurpose = (person: string, factor: string): string => `totp-seed-pending\n${person}\n${factor}`;

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
async function vouchingOf(broker: Broker, view: View, actor: Actor, code: EnrolmentCodeId | null) {
  const { codes } = view.state(personFold, streams.person(actor.person));
  const made = code === null ? undefined : own(codes, code);
  const humans = humansOf(await broker.policies.inForceIfAny());
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

/** The authenticator shows that it has the seed; from here on its codes count. */
export async function confirmEnrolment(
  broker: Broker,
  actor: Actor,
  factor: FactorId,
  given: { readonly code: string; readonly totp: string | undefined },
): Promise<Enrolled> {
  const nowMs = broker.clock.nowMs();
  const pending = await readPending(broker, actor, factor);
  const match = broker.authenticator.match({ seed: pending.seed, code: given.code, nowMs });
  const confirmed: Exclude<Shown, { kind: 'nothing' }> =
    match === undefined ? { kind: 'wrong' } : { kind: 'right', factor, step: match.step };
  const shown = await checkCode(broker, actor, given.totp);
  const stream = streams.person(actor.person);
  const before = await broker.sequencer.read([stream]);
  const version = before.version(stream);
  const vouching = await vouchingOf(broker, before, actor, pending.authority.code);
  const recovery = broker.paperCodes.newRecoveryCodes();
  const secrets = [
    ...seedChanges(broker, actor, factor, pending),
    ...(await recoveryChanges(broker, actor, recovery)),
  ];
  const command = commandOf<Enrolled>({
    actor,
    streams: [
      'log',
      ...vouching.streams,
      ...factorStreams(actor.person, confirmed, nowMs),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: undefined,
    about: undefined,
    judge(view, decidedAtMs) {
      requireUnreplaced(view, actor, pending.authority);
      // Which recovery codes are replaced was looked up for what stood then.
      if (view.version(stream) !== version)
        throw new Failure('conflict', 'Your factors changed at this very moment; try again.');
      const judged = decideEnrol({
        actor,
        factor,
        label: pending.label,
        means: meansOf(pending.authority, shown, view, actor, decidedAtMs),
        confirmation: { shown: confirmed, states: factorStates(view, actor.person, confirmed, decidedAtMs) },
        recoveryCodes: recovery.length,
        voucherStands: vouching.stands(view),
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
        ...enrolStates(view, actor),
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

interface Pending {
  readonly seed: Uint8Array;
  readonly authority: Authority;
  readonly label: string;
}

async function readPending(broker: Broker, actor: Actor, factor: FactorId): Promise<Pending> {
  const found = await broker.store.secrets.get('totp-seed-pending', factor);
  if (
    found === undefined ||
    found.person !== actor.person ||
    (found.expiresAtMs ?? 0) <= broker.clock.nowMs()
  ) {
    throw new Failure(
      'not-found',
      'There is no enrolment under way by that id; it lasts a quarter of an hour.',
      {
        mend: 'Begin again: `countersign factor enrol`.',
      },
    );
  }
  // We sealed this ourselves, bound to this person and factor.
  const { seed, authority, label } = JSON.parse(
    fromUtf8(broker.sealer.open(found.value, pendingPurpose(actor.person, factor))),
  ) as { seed: string; authority: Authority; label: string };
  return { seed: fromBase64(seed), authority, label };
}

/** The seed takes its place, and the code that allowed it is gone, in the commit that says so. */
function seedChanges(
  broker: Broker,
  actor: Actor,
  factor: FactorId,
  pending: Pending,
): readonly SecretChange[] {
  const { person } = actor;
  const value = broker.sealer.seal(pending.seed, seedPurpose(person, factor));
  const spent: SecretChange[] =
    pending.authority.hash === null || pending.authority.kind === 'factor'
      ? []
      : [
          {
            id: pending.authority.hash,
            person,
            kind: pending.authority.kind,
            value: null,
            expiresAtMs: null,
          },
        ];
  return [
    { id: factor, person, kind: 'totp-seed', value, expiresAtMs: null },
    { id: factor, person, kind: 'totp-seed-pending', value: null, expiresAtMs: null },
    ...spent,
  ];
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

/** Removes one of several factors, by showing one. */
export async function removeFactor(
  broker: Broker,
  actor: Actor,
  factor: string,
  totp: string | undefined,
): Promise<readonly number[]> {
  const nowMs = broker.clock.nowMs();
  const shown = await checkCode(broker, actor, totp);
  const secrets: SecretChange[] = [
    { id: factor, person: actor.person, kind: 'totp-seed', value: null, expiresAtMs: null },
  ];
  const command = commandOf<readonly number[]>({
    actor,
    streams: [...factorStreams(actor.person, shown, nowMs), ...refusalStreams(actor.person, nowMs)],
    factsAtMs: nowMs,
    idempotency: undefined,
    about: undefined,
    judge(view, decidedAtMs) {
      const states = factorStates(view, actor.person, shown, decidedAtMs);
      const judged = decideRemoveFactor({
        actor,
        person: states.person,
        factorStates: states,
        remove: factor,
        shown,
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      });
      return judged.refusal === undefined ? { ...judged, secrets } : judged;
    },
    result: ({ entries }) => entries.map(({ seq }) => seq),
  });
  return broker.sequencer.submit(command);
}
