import type { Actor } from '../../domain/actor.ts';
import { digestOf } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import type { Act, Assertion } from '../../domain/events.ts';
import type { StreamId } from '../../domain/ids.ts';
import { streams } from '../../domain/ids.ts';
import type { FactorStates, Shown, ShownAct } from '../../domain/person/show-factor.ts';
import {
  attemptsFold,
  attemptsStreams,
  factorUseFold,
  passkeyUseFold,
  personFold,
  QUARTER_MS,
} from '../../domain/person/state.ts';
import type { FactorKind } from '../../domain/policy/policy.ts';
import { HOUR_MS, type RefusalsState, refusalsFold, refusalsStream } from '../../domain/refusal.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { logFits } from '../request/statement.ts';

/** Between preparing a command and its decision a quarter or an hour may begin. */
const AHEAD_MS = 60_000;

/** What a seed is sealed for: nobody can move one person's seed under another's name. */
export const seedPurpose = (person: string, factor: string): string => `totp-seed\n${person}\n${factor}`;

/** What somebody shows with a call: a code, or a passkey's signature. */
export interface FactorGiven {
  readonly totp?: string | undefined;
  readonly passkey?: GivenSignature | undefined;
}

export interface GivenSignature {
  readonly assertion: Assertion;
  /** What was signed, as it was prepared; left out where the call carries a statement of its own. */
  readonly act?: Act | undefined;
}

/**
 * Holds a typed code against each of the person's seeds, or a signature against the key of its enrolment. Says nothing
 * about use, throttle or rules: those are decided inside the commit.
 */
export async function checkFactor(broker: Broker, actor: Actor, given: FactorGiven): Promise<Shown> {
  const { totp, passkey } = given;
  if (totp !== undefined && passkey !== undefined)
    throw new Failure('malformed-input', 'Send a code or a signature, not both.');
  if (passkey !== undefined) return checkSignature(broker, actor, passkey);
  return totp === undefined ? { kind: 'nothing' } : checkCode(broker, actor, totp);
}

async function checkCode(broker: Broker, actor: Actor, code: string): Promise<Shown> {
  const nowMs = broker.clock.nowMs();
  for (const { id, value } of await broker.store.secrets.ofPerson('totp-seed', actor.person)) {
    const seed = broker.sealer.open(value, seedPurpose(actor.person, id));
    const match = broker.authenticator.match({ seed, code, nowMs });
    if (match !== undefined) return { kind: 'right', factor: id, step: match.step };
  }
  return { kind: 'wrong' };
}

async function checkSignature(
  broker: Broker,
  actor: Actor,
  { assertion, act }: GivenSignature,
): Promise<Shown> {
  const stream = streams.person(actor.person);
  const { factors } = (await broker.sequencer.read([stream])).state(personFold, stream);
  // Keys come from the log alone: no row that somebody could change makes one.
  const found = Object.values(factors).find(({ passkey }) => passkey?.credential === assertion.credential);
  const signed = found?.passkey && (await broker.passkeys.verify(assertion, found.passkey));
  if (found === undefined || !signed) return { kind: 'wrong', way: 'signature' };
  return {
    kind: 'signed',
    factor: found.factor,
    assertion,
    ...signed,
    act: act === undefined ? null : await shownAct(broker, act),
  };
}

/** What came along as signed, with what the rules hold it against. */
export async function shownAct(broker: Broker, act: Act): Promise<ShownAct> {
  const digest = digestOf(broker.hasher, act) ?? '';
  return { act, digest, origin: broker.origin, logFits: await logFits(broker, act) };
}

/** The streams that spending a shown code reads and writes. */
export function factorStreams(person: string, shown: Shown, nowMs: number): readonly StreamId[] {
  const use =
    shown.kind === 'right'
      ? [streams.factorUse(shown.factor, shown.step)]
      : shown.kind === 'signed'
        ? [streams.passkeyUse(shown.factor)]
        : [];
  const attempts =
    shown.kind === 'nothing'
      ? []
      : [...attemptsStreams(person, nowMs), ...soon(nowMs, QUARTER_MS, attemptsStreams, person)];
  return [streams.person(person), ...use, ...new Set(attempts)];
}

export function refusalStreams(person: string, nowMs: number): readonly StreamId[] {
  const next = Math.floor((nowMs + AHEAD_MS) / HOUR_MS) !== Math.floor(nowMs / HOUR_MS);
  return [refusalsStream(person, nowMs), ...(next ? [refusalsStream(person, nowMs + AHEAD_MS)] : [])];
}

function soon(
  nowMs: number,
  periodMs: number,
  of: (person: string, nowMs: number) => readonly StreamId[],
  person: string,
): readonly StreamId[] {
  const changes = Math.floor((nowMs + AHEAD_MS) / periodMs) !== Math.floor(nowMs / periodMs);
  return changes ? of(person, nowMs + AHEAD_MS) : [];
}

export function factorStates(view: View, person: string, shown: Shown, nowMs: number): FactorStates {
  const [now, before] = attemptsStreams(person, nowMs);
  return {
    person: view.state(personFold, streams.person(person)),
    use:
      shown.kind === 'right'
        ? view.state(factorUseFold, streams.factorUse(shown.factor, shown.step))
        : factorUseFold.initial,
    passkeyUse:
      shown.kind === 'signed'
        ? view.state(passkeyUseFold, streams.passkeyUse(shown.factor))
        : passkeyUseFold.initial,
    attempts:
      shown.kind === 'nothing'
        ? [attemptsFold.initial, attemptsFold.initial]
        : [view.state(attemptsFold, now), view.state(attemptsFold, before)],
  };
}

/** @throws Failure `stale`: it waited until the hours it was prepared for were over */
export function refusalsState(view: View, person: string, nowMs: number): RefusalsState {
  const stream = refusalsStream(person, nowMs);
  if (view.names(stream)) return view.state(refusalsFold, stream);
  throw new Failure('stale', 'This had to wait too long; nothing was decided.', { mend: 'Try again.' });
}

/**
 * Which of a person's factors a statement is made for when they name none: the newest passkey where the policy wants one,
 * else the newest that shows codes, which works everywhere.
 * @param demanded by the policy in force; undefined: there is none
 * @throws Failure `factor-missing`
 */
export function factorToSign(view: View, actor: Actor, demanded: FactorKind | undefined): string {
  const held = Object.values(view.state(personFold, streams.person(actor.person)).factors);
  const newestFirst = held.toSorted((a, b) => b.enrolledAtMs - a.enrolledAtMs);
  const passkey = newestFirst.find(({ kind }) => kind === 'passkey');
  const codes = demanded === 'passkey' ? undefined : newestFirst.find(({ kind }) => kind === 'totp');
  const found = codes ?? passkey;
  if (found !== undefined) return found.factor;
  throw demanded === 'passkey' && held.length > 0
    ? new Failure('factor-missing', 'The policy wants a passkey here, and you have none yet.', {
        mend: 'Enrol one in the browser, under your factors, with a code of your authenticator.',
      })
    : new Failure('factor-missing', 'You have no second factor yet, so you cannot sign.', {
        mend: 'Ask a colleague to vouch for you (`countersign factor vouch`), then run `countersign factor enrol`.',
      });
}
