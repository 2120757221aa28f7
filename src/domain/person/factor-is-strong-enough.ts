import type { FactorKind } from '../policy/policy.ts';
import type { Rule } from '../rule.ts';
import type { Shown } from './show-factor.ts';

/** Where the policy wants a passkey, no code does: not even a right one, however the page or the call came by it. */
export const factorIsStrongEnough: Rule<{
  readonly shown: Shown;
  /** By the policy in force; undefined: there is none yet. */
  readonly demanded: FactorKind | undefined;
}> = {
  name: 'factor-is-strong-enough',
  refuses: ({ shown, demanded }) =>
    demanded === 'passkey' && isCode(shown)
      ? 'The policy wants a passkey here, and a code was shown. Sign in the browser; no passkey yet? Enrol one there.'
      : undefined,
};

/** A wrong code as well: whether it was right is nobody's business where none is looked at. */
export const isCode = (shown: Shown): boolean =>
  shown.kind === 'right' || (shown.kind === 'wrong' && shown.way === undefined);
