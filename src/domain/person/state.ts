import type { Fold } from '../fold.ts';
import { type StreamId, streams } from '../ids.ts';

export interface PersonState {
  readonly factors: Readonly<Record<string, FactorState>>;
  /** Enrolment codes that another human had made for this person. */
  readonly codes: Readonly<Record<string, { readonly voucher: string; readonly expiresAtMs: number }>>;
  readonly usedCodes: readonly string[];
  /** An administrator recorded that they have left, and not that they are back. */
  readonly left: boolean;
  /** When two humans last took all their factors away, milliseconds since 1970; null: never. */
  readonly resetAtMs: number | null;
  /** Asks for a reset that a second human may confirm, by id. */
  readonly resets: Readonly<Record<string, { readonly requestedBy: string; readonly expiresAtMs: number }>>;
}

export interface FactorState {
  readonly factor: string;
  readonly kind: 'totp';
  readonly means: 'enrolment-code' | 'factor' | 'recovery-code';
  readonly enrolledAtMs: number;
  readonly seq: number;
}

export const personFold: Fold<PersonState> = {
  kind: 'person',
  initial: { factors: {}, codes: {}, usedCodes: [], left: false, resetAtMs: null, resets: {} },
  evolve(state, { event, seq }) {
    switch (event.type) {
      case 'countersign.factor.vouched.v1': {
        const { code, voucher, expires_at_ms } = event.data;
        return { ...state, codes: { ...state.codes, [code]: { voucher, expiresAtMs: expires_at_ms } } };
      }
      case 'countersign.factor.enrolled.v1': {
        const { factor, factor_kind, means, decided_at_ms, enrolment_code } = event.data;
        const enrolled = { factor, kind: factor_kind, means, enrolledAtMs: decided_at_ms, seq };
        return {
          ...state,
          factors: { ...state.factors, [factor]: enrolled },
          usedCodes: enrolment_code === null ? state.usedCodes : [...state.usedCodes, enrolment_code],
        };
      }
      case 'countersign.factor.removed.v1': {
        const { [event.data.factor]: _gone, ...factors } = state.factors;
        return { ...state, factors };
      }
      default:
        return state;
    }
  },
  dueAtMs: () => null,
};

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
  readonly expiresAtMs: number;
  readonly signedOut: boolean;
}
export const signInFold: Fold<SignInState> = {
  kind: 'sign-in',
  initial: { person: null, expiresAtMs: 0, signedOut: false },
  evolve(state, { event }) {
    if (event.type === 'countersign.person.authenticated.v1') {
      return { person: event.data.person, expiresAtMs: event.data.expires_at_ms, signedOut: false };
    }
    if (event.type === 'countersign.person.signed-out.v1') return { ...state, signedOut: true };
    return state;
  },
  dueAtMs: () => null,
};
