import { own } from '../policy/own.ts';
import type { Rule } from '../rule.ts';
import { type FactorStates, isOwnAndOpen, type Shown } from './show-factor.ts';
import type { PersonState } from './state.ts';

/** A recovery code is a piece of paper: until another human says that its owner used it, its factor proves nothing. */
export const recoveredFactorIsVouched: Rule<{
  readonly reviewer: PersonState;
  readonly statement: { readonly factor: string };
}> = {
  name: 'recovered-factor-is-vouched',
  refuses: ({ reviewer, statement }) =>
    waitsForVoucher(reviewer, statement.factor)
      ? 'This factor was enrolled with a recovery code, and nobody has vouched yet that it was you. Have a colleague run `countersign factor vouch-recovery`.'
      : undefined,
};

/** The same of a code that was shown, where no statement names the factor. */
export const shownFactorIsVouched: Rule<{
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly nowMs: number;
}> = {
  name: recoveredFactorIsVouched.name,
  refuses({ shown, factorStates, nowMs }) {
    if (!isOwnAndOpen(shown, factorStates, nowMs)) return undefined;
    const { person } = factorStates;
    return recoveredFactorIsVouched.refuses({ reviewer: person, statement: { factor: shown.factor } });
  },
};

/** Recovered, and nobody has said yet that it was its owner. */
export function waitsForVoucher(person: PersonState, factor: string): boolean {
  const found = own(person.factors, factor);
  return found?.means === 'recovery-code' && found.recoveryVouchedBy === null;
}
