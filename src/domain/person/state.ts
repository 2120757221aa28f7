import type { Passkey } from '../events.ts';
import type { Fold } from '../fold.ts';
import { type StreamId, streams } from '../ids.ts';
import { STATEMENT_LIFETIME_MS } from '../statement-frame.ts';

export interface PersonState {
  readonly factors: Readonly<Record<string, FactorState>>;
  /** Enrolment codes that another human had made for this person. */
  readonly codes: Readonly<Record<string, VouchedCode>>;
  readonly usedCodes: readonly string[];
  /** How many recovery codes the newest enrolment made; 0: none, or a reset took them away. */
  readonly recoveryCodes: number;
  /** An administrator recorded that they have left, and not that they are back. */
  readonly left: boolean;
  /** Entry of the newest leaving; -1: none. What they signed before it counts no more, whether they are back or not. */
  readonly leftSeq: number;
  /** Entry of the newest leaving or reset: sign-ins that began before it are over. -1: none. */
  readonly signInsEndedSeq: number;
  /** When two humans last took all their factors away, milliseconds since 1970; null: never. */
  readonly resetAtMs: number | null;
  /** Asks for a reset that a second human may confirm, by id. */
  readonly resets: Readonly<Record<string, PendingReset>>;
}

export interface VouchedCode {
  readonly voucher: string;
  readonly expiresAtMs: number;
  /** The entry it was made by, and the factor that was shown for it. */
  readonly seq: number;
  readonly factor: string;
}

export interface PendingReset {
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly expiresAtMs: number;
  /** The entry it was asked for by, and the factor that was shown for it. */
  readonly seq: number;
  readonly factor: string;
}

export interface FactorState {
  readonly factor: string;
  readonly kind: 'totp' | 'passkey';
  /** Its public key and what its signatures are held against; null: an authenticator with codes. */
  readonly passkey: Passkey | null;
  readonly means: 'enrolment-code' | 'factor' | 'recovery-code';
  readonly enrolledAtMs: number;
  readonly seq: number;
  /** Who said that its owner recovered it; null: nobody yet, or it was not recovered. */
  readonly recoveryVouchedBy: string | null;
}

export const personFold: Fold<PersonState> = {
  kind: 'person',
  initial: {
    factors: {},
    codes: {},
    usedCodes: [],
    recoveryCodes: 0,
    left: false,
    leftSeq: -1,
    signInsEndedSeq: -1,
    resetAtMs: null,
    resets: {},
  },
  evolve(state, { event, seq }) {
    switch (event.type) {
      case 'countersign.factor.vouched.v1': {
        const { code, voucher, expires_at_ms, proof } = event.data;
        const made: VouchedCode = { voucher, expiresAtMs: expires_at_ms, seq, factor: proof.factor };
        return { ...state, codes: { ...state.codes, [code]: made } };
      }
      case 'countersign.factor.enrolled.v1': {
        const { factor, factor_kind, passkey, means, decided_at_ms, enrolment_code } = event.data;
        const enrolled: FactorState = {
          factor,
          kind: factor_kind,
          passkey,
          means,
          enrolledAtMs: decided_at_ms,
          seq,
          recoveryVouchedBy: null,
        };
        return {
          ...state,
          recoveryCodes: event.data.recovery_codes,
          factors: { ...state.factors, [factor]: enrolled },
          usedCodes: enrolment_code === null ? state.usedCodes : [...state.usedCodes, enrolment_code],
        };
      }
      case 'countersign.factor.removed.v1': {
        const { [event.data.factor]: _gone, ...factors } = state.factors;
        return { ...state, factors };
      }
      case 'countersign.factor.recovery-vouched.v1': {
        const { factor, voucher } = event.data;
        const recovered = state.factors[factor];
        if (recovered === undefined) return state;
        return {
          ...state,
          factors: { ...state.factors, [factor]: { ...recovered, recoveryVouchedBy: voucher } },
        };
      }
      case 'countersign.factor.reset-requested.v1': {
        const { reset, requested_by, expires_at_ms, decided_at_ms, proof } = event.data;
        const open = Object.entries(state.resets).filter(
          ([, { expiresAtMs }]) => decided_at_ms < expiresAtMs,
        );
        const asked: PendingReset = {
          requestedBy: requested_by,
          requestedAtMs: decided_at_ms,
          expiresAtMs: expires_at_ms,
          seq,
          factor: proof.factor,
        };
        return { ...state, resets: { ...Object.fromEntries(open), [reset]: asked } };
      }
      case 'countersign.factor.reset.v1':
        return {
          ...withoutPromises(state),
          factors: {},
          recoveryCodes: 0,
          resetAtMs: event.data.decided_at_ms,
          signInsEndedSeq: seq,
        };
      case 'countersign.person.left.v1':
        return { ...withoutPromises(state), left: true, leftSeq: seq, signInsEndedSeq: seq };
      case 'countersign.person.returned.v1':
        return { ...state, left: false };
      default:
        return state;
    }
  },
  dueAtMs: () => null,
};

/** What somebody was promised before a leaving or a reset is void: their enrolment codes, and asks for a reset. */
const withoutPromises = (state: PersonState): PersonState => ({ ...state, codes: {}, resets: {} });

/** Exists once a code's time step has been used: writing it a second time is refused. */
export interface FactorUseState {
  readonly used: boolean;
}
export const factorUseFold: Fold<FactorUseState> = {
  kind: 'factor-use',
  initial: { used: false },
  evolve: (state, { event }) => (event.type === 'countersign.factor.used.v1' ? { used: true } : state),
  dueAtMs: () => null,
};

const HOUR_MS = 3_600_000;

/** What one passkey has signed lately. */
export interface PasskeyUseState {
  /** Its newest signature's counter; 0: it signed nothing yet, or does not count. */
  readonly counter: number;
  /** Of statements that may not have expired yet. */
  readonly nonces: readonly { readonly nonce: string; readonly spentAtMs: number }[];
  /** When it alone signed somebody in, within the hour before its newest signature. */
  readonly signedInAtMs: readonly number[];
}
export const passkeyUseFold: Fold<PasskeyUseState> = {
  kind: 'passkey-use',
  initial: { counter: 0, nonces: [], signedInAtMs: [] },
  evolve(state, { event }) {
    if (event.type !== 'countersign.factor.used.v1') return state;
    const { nonce, counter, purpose, decided_at_ms } = event.data;
    const unexpired = state.nonces.filter(
      ({ spentAtMs }) => spentAtMs > decided_at_ms - 2 * STATEMENT_LIFETIME_MS,
    );
    return {
      counter: counter ?? state.counter,
      nonces: nonce === null ? unexpired : [...unexpired, { nonce, spentAtMs: decided_at_ms }],
      signedInAtMs: [
        ...state.signedInAtMs.filter((at) => at > decided_at_ms - HOUR_MS),
        ...(purpose === 'sign-in' ? [decided_at_ms] : []),
      ],
    };
  },
  dueAtMs: () => null,
};

export const QUARTER_MS = 900_000;

/** Wrong codes of one person in one quarter of an hour of the clock. */
export interface AttemptsState {
  readonly failedAtMs: readonly number[];
}
export const attemptsFold: Fold<AttemptsState> = {
  kind: 'attempts',
  initial: { failedAtMs: [] },
  evolve: (state, { event }) =>
    event.type === 'countersign.factor.failed.v1'
      ? { failedAtMs: [...state.failedAtMs, event.data.decided_at_ms] }
      : state,
  dueAtMs: () => null,
};

/** This quarter's stream and the one before: together they hold the last 900 s, whatever the moment. */
export function attemptsStreams(person: string, nowMs: number): readonly [StreamId, StreamId] {
  const quarter = Math.floor(nowMs / QUARTER_MS);
  return [streams.attempts(person, quarter), streams.attempts(person, quarter - 1)];
}

export interface SignInState {
  readonly person: string | null;
  /** The entry that began it; -1: none did. */
  readonly beganSeq: number;
  readonly expiresAtMs: number;
  readonly signedOut: boolean;
  readonly way: 'command-line' | 'browser' | 'device' | 'passkey';
  /** It was begun from a machine without a browser: see `sign-in-may-only-ask`. */
  readonly mayOnlyAsk: boolean;
}
export const signInFold: Fold<SignInState> = {
  kind: 'sign-in',
  initial: {
    person: null,
    beganSeq: -1,
    expiresAtMs: 0,
    signedOut: false,
    way: 'command-line',
    mayOnlyAsk: true,
  },
  evolve(state, { event, seq }) {
    if (event.type === 'countersign.person.authenticated.v1') {
      const { person, expires_at_ms, way, may } = event.data;
      const mayOnlyAsk = may === 'ask';
      return { person, beganSeq: seq, expiresAtMs: expires_at_ms, signedOut: false, way, mayOnlyAsk };
    }
    if (event.type === 'countersign.person.signed-out.v1') return { ...state, signedOut: true };
    return state;
  },
  dueAtMs: () => null,
};

/** Whether a sign-in of this person is still good: nobody ended it, by itself or with all of theirs. */
export const isSignedIn = (signIn: SignInState, person: PersonState, nowMs: number): boolean =>
  !signIn.signedOut && nowMs < signIn.expiresAtMs && signIn.beganSeq > person.signInsEndedSeq;
