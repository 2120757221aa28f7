import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { FactorProof, StoredData } from '../events.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import {
  type AttemptsState,
  attemptsStreams,
  type FactorUseState,
  type PersonState,
  QUARTER_MS,
} from './state.ts';

/** What checking a code against the person's seeds gave, before any rule. */
export type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'right'; readonly factor: string; readonly step: number };

export const WRONG_CODES_ALLOWED = 5;

export interface FactorStates {
  readonly person: PersonState;
  /** Of the shown factor and step; the initial state when nothing or a wrong code was shown. */
  readonly use: FactorUseState;
  readonly attempts: readonly [AttemptsState, AttemptsState];
}

type Purpose = StoredData<'countersign.factor.used.v1'>['purpose'];

/**
 * Spends a shown code, once. Wrong, spent and foreign codes look alike to the caller and count alike; the fifth
 * within 900 s closes the door for everybody who holds this person's token, right code or not.
 */
export function spendFactor(input: {
  readonly actor: Actor;
  readonly shown: Exclude<Shown, { kind: 'nothing' }>;
  readonly states: FactorStates;
  readonly purpose: Purpose;
  readonly about: string | null;
  readonly nowMs: number;
}):
  | { readonly proof: FactorProof; readonly spent: Judgement['events'][number] }
  | { readonly refused: Judgement } {
  const { actor, shown, states, purpose, about, nowMs } = input;
  if (isThrottled(states, nowMs)) return { refused: { events: [], refusal: throttled() } };
  if (shown.kind !== 'right' || !isUnspent(shown, states)) {
    return { refused: wrongCode(actor, purpose, recentFailures(states, nowMs) + 1, nowMs) };
  }
  const { factor, step } = shown;
  const spent = draft('countersign.factor.used.v1', streams.factorUse(factor, step), actor.person, {
    person: actor.person,
    factor,
    step,
    purpose,
    about,
  });
  return { proof: { kind: 'totp', factor, step, proved_at_ms: nowMs }, spent };
}

/**
 * Whether a shown code will be taken for the right one of an own factor. Rules about such a factor say nothing of any
 * other code: behind a closed door even a right one must look like a wrong one, or it could be guessed without limit.
 */
export const isOwnAndOpen = (
  shown: Shown,
  states: FactorStates,
  nowMs: number,
): shown is Extract<Shown, { kind: 'right' }> =>
  shown.kind === 'right' && !isThrottled(states, nowMs) && isUnspent(shown, states);

const isThrottled = (states: FactorStates, nowMs: number): boolean =>
  recentFailures(states, nowMs) >= WRONG_CODES_ALLOWED;

const isUnspent = (shown: Extract<Shown, { kind: 'right' }>, states: FactorStates): boolean =>
  Object.hasOwn(states.person.factors, shown.factor) && !states.use.used;

const recentFailures = (states: FactorStates, nowMs: number): number =>
  states.attempts.flatMap((quarter) => quarter.failedAtMs).filter((at) => at > nowMs - QUARTER_MS).length;

function wrongCode(actor: Actor, purpose: string, failures: number, nowMs: number): Judgement {
  const entry = draft('countersign.factor.failed.v1', attemptsStreams(actor.person, nowMs)[0], actor.person, {
    person: actor.person,
    purpose,
    failures,
  });
  const left = WRONG_CODES_ALLOWED - failures;
  const refusal = new Failure(
    'factor-wrong',
    `That code is wrong, too old, or was used before. ${left > 0 ? `${left} more tries within a quarter of an hour.` : 'No more tries for a quarter of an hour.'}`,
    {
      mend: 'Wait for the next code in your authenticator, then try again; check that both clocks are right.',
    },
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
