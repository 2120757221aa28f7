import type { Rule } from '../rule.ts';
import { type FactorStates, isOwnAndOpen, type Shown } from './show-factor.ts';

/**
 * An authenticator that counts its signatures and starts again is two: somebody copied its key. Those that never count
 * say 0 (WebAuthn §6.1.1).
 */
export const passkeyCounterRises: Rule<{
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly nowMs: number;
}> = {
  name: 'passkey-counter-rises',
  refuses({ shown, factorStates, nowMs }) {
    if (shown.kind !== 'signed' || !isOwnAndOpen(shown, factorStates, nowMs)) return undefined;
    const atEnrolment = factorStates.person.factors[shown.factor]?.passkey?.counter ?? 0;
    const before = Math.max(atEnrolment, factorStates.passkeyUse.counter);
    return before === 0 || shown.counter > before
      ? undefined
      : `This passkey has counted ${before} signatures, and now says ${shown.counter}: its key may have been copied. Remove it with another factor (\`countersign factor remove\`), and tell your administrators.`;
  },
};
