import type { Actor } from '../actor.ts';
import { type DraftOf, draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { Act, Assertion, FactorProof, StoredData } from '../events.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { frameMisfit } from '../statement-frame.ts';
import {
  type AttemptsState,
  attemptsStreams,
  type FactorUseState,
  type PasskeyUseState,
  type PersonState,
  QUARTER_MS,
} from './state.ts';

/** What checking a code against the person's seeds, or a signature against their keys, gave: before any rule. */
export type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong'; readonly way?: 'signature' }
  | ShownCode
  | ShownSignature;

export interface ShownCode {
  readonly kind: 'right';
  readonly factor: string;
  readonly step: number;
}

/** A signature that the key of the factor made, at our own page, by a person that their device had made sure of. */
export interface ShownSignature {
  readonly kind: 'signed';
  readonly factor: string;
  readonly assertion: Assertion;
  /** The digest that was signed, `sha256:…`. */
  readonly challenge: string;
  /** What the authenticator has counted; 0: it does not count. */
  readonly counter: number;
  /** What came with it as signed, for everything that has no statement of its own. */
  readonly act: ShownAct | null;
}

export interface ShownAct {
  readonly act: Act;
  readonly digest: string;
  readonly origin: string;
  /** The log's root at the act's size is the one it names. */
  readonly logFits: boolean;
}

/** What a passkey has to have signed: the statement of the decision, or an act that says just this. */
export type Signable =
  | { readonly statement: { readonly nonce: string; readonly factor: string }; readonly digest: string }
  | { readonly act: Pick<Act, 'purpose' | 'about' | 'digest'> };

export const WRONG_CODES_ALLOWED = 5;

export interface FactorStates {
  readonly person: PersonState;
  /** Of the shown factor and step; the initial state when no right code was shown. */
  readonly use: FactorUseState;
  /** Of the passkey that signed; the initial state when none did. */
  readonly passkeyUse: PasskeyUseState;
  readonly attempts: readonly [AttemptsState, AttemptsState];
}

type Used = StoredData<'countersign.factor.used.v1'>;

interface Spending {
  readonly actor: Pick<Actor, 'person'>;
  readonly shown: Exclude<Shown, { kind: 'nothing' }>;
  readonly states: FactorStates;
  readonly purpose: Used['purpose'];
  readonly about: string | null;
  readonly signable: Signable;
  readonly nowMs: number;
}

type Spent = { readonly proof: FactorProof; readonly spent: DraftOf<'countersign.factor.used.v1'> };

/**
 * Spends a shown code or signature, once. Wrong, spent and foreign ones look alike to the caller and count alike; the
 * fifth within 900 s closes the door for everybody who holds this person's token, right code or not.
 */
export function spendFactor(input: Spending): Spent | { readonly refused: Judgement } {
  const { actor, shown, states, purpose, nowMs } = input;
  if (isThrottled(states, nowMs)) return { refused: { events: [], refusal: throttled() } };
  const spent =
    shown.kind === 'right'
      ? spendCode(input, shown)
      : shown.kind === 'signed'
        ? sign(input, shown)
        : undefined;
  if (spent !== undefined) return spent;
  const isCode = shown.kind === 'right' || (shown.kind === 'wrong' && shown.way === undefined);
  const failures = recentFailures(states, nowMs) + 1;
  return { refused: wrong(actor, purpose, failures, isCode, nowMs) };
}

function spendCode(input: Spending, shown: ShownCode): Spent | undefined {
  const { actor, states, signable, nowMs } = input;
  const { factor, step } = shown;
  const isNamed = !('statement' in signable) || signable.statement.factor === factor;
  if (!isNamed || !isUnspent(shown, states)) return undefined;
  const spent = used(input, factor, { step, nonce: null, counter: null });
  const stream = streams.factorUse(factor, step);
  return {
    proof: { kind: 'totp', factor, step, proved_at_ms: nowMs },
    spent: draft('countersign.factor.used.v1', stream, actor.person, spent),
  };
}

function sign(input: Spending, shown: ShownSignature): Spent | undefined {
  const { actor, states, nowMs } = input;
  const { factor, assertion, counter } = shown;
  const nonce = signedNonce(input, shown);
  if (nonce === undefined || !isUnspent(shown, states)) return undefined;
  if (states.passkeyUse.nonces.some((spent) => spent.nonce === nonce)) return undefined;
  const act = 'statement' in input.signable ? null : (shown.act?.act ?? null);
  return {
    proof: { kind: 'passkey', factor, ...assertion, nonce, act, proved_at_ms: nowMs },
    spent: draft(
      'countersign.factor.used.v1',
      streams.passkeyUse(factor),
      actor.person,
      used(input, factor, { step: null, nonce, counter }),
    ),
  };
}

const used = (
  { actor, purpose, about }: Spending,
  factor: string,
  shown: Pick<Used, 'step' | 'nonce' | 'counter'>,
) => ({ person: actor.person, factor, ...shown, purpose, about });

/** The nonce of what was signed; undefined: it is not what had to be signed. A signature fits one decision only. */
function signedNonce(
  { actor, signable, nowMs }: Spending,
  { factor, challenge, act: shown }: ShownSignature,
): string | undefined {
  if ('statement' in signable) {
    const { statement, digest } = signable;
    return statement.factor === factor && challenge === digest ? statement.nonce : undefined;
  }
  if (shown === null || challenge !== shown.digest) return undefined;
  const { act } = shown;
  const wanted = signable.act;
  // Whoever comes to sign in is known by what they signed, and not before.
  const signer =
    wanted.purpose === 'sign-in' ? { person: null, factor: null } : { person: actor.person, factor };
  const fits =
    act.purpose === wanted.purpose &&
    act.about === wanted.about &&
    act.digest === wanted.digest &&
    act.person === signer.person &&
    act.factor === signer.factor &&
    frameMisfit({ ...shown, statement: act, nowMs }) === undefined;
  return fits ? act.nonce : undefined;
}

/**
 * Whether what was shown will be taken for the right thing of an own factor. Rules about such a factor say nothing of
 * any other: behind a closed door even a right code must look like a wrong one, or it could be guessed without limit.
 */
export const isOwnAndOpen = (
  shown: Shown,
  states: FactorStates,
  nowMs: number,
): shown is ShownCode | ShownSignature =>
  (shown.kind === 'right' || shown.kind === 'signed') &&
  !isThrottled(states, nowMs) &&
  isUnspent(shown, states);

const isThrottled = (states: FactorStates, nowMs: number): boolean =>
  recentFailures(states, nowMs) >= WRONG_CODES_ALLOWED;

const isUnspent = (shown: ShownCode | ShownSignature, states: FactorStates): boolean =>
  Object.hasOwn(states.person.factors, shown.factor) && (shown.kind === 'signed' || !states.use.used);

const recentFailures = (states: FactorStates, nowMs: number): number =>
  states.attempts.flatMap((quarter) => quarter.failedAtMs).filter((at) => at > nowMs - QUARTER_MS).length;

function wrong(
  actor: Pick<Actor, 'person'>,
  purpose: string,
  failures: number,
  isCode: boolean,
  nowMs: number,
): Judgement {
  const entry = draft('countersign.factor.failed.v1', attemptsStreams(actor.person, nowMs)[0], actor.person, {
    person: actor.person,
    purpose,
    failures,
  });
  const left = WRONG_CODES_ALLOWED - failures;
  const tries =
    left > 0 ? `${left} more tries within a quarter of an hour.` : 'No more tries for a quarter of an hour.';
  const refusal = isCode
    ? new Failure('factor-wrong', `That code is wrong, too old, or was used before. ${tries}`, {
        mend: 'Wait for the next code in your authenticator, then try again; check that both clocks are right.',
      })
    : new Failure(
        'factor-wrong',
        `That signature is not of a passkey of yours over just this, is too old, or was used before. ${tries}`,
        { mend: 'Load the page again, look at what it shows now, and sign that.' },
      );
  return { events: [entry], refusal };
}

const throttled = () =>
  new Failure(
    'factor-throttled',
    'Five wrong codes within a quarter of an hour: codes are not looked at for now.',
    {
      mend: 'Wait a quarter of an hour. If that was not you, run `countersign logout` and tell your administrators.',
    },
  );
