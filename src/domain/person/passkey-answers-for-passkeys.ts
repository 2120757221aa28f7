import type { Rule } from '../rule.ts';
import { isCode } from './factor-is-strong-enough.ts';
import type { FactorStates, Shown } from './show-factor.ts';

/** A stolen authenticator with codes must not make itself a passkey, nor take its owner's away. */
export const passkeyAnswersForPasskeys: Rule<{
  readonly shown: Shown;
  readonly factorStates: Pick<FactorStates, 'person'>;
}> = {
  name: 'passkey-answers-for-passkeys',
  refuses: ({ shown, factorStates }) =>
    isCode(shown) && Object.values(factorStates.person.factors).some(({ kind }) => kind === 'passkey')
      ? 'You have a passkey: your factors change by its signature, not by a code. Do it in the browser. Lost it? Use a recovery code.'
      : undefined,
};
