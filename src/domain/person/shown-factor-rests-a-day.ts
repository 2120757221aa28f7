import { recoveredFactorRestsADay } from '../request/rules/recovered-factor-rests-a-day.ts';
import type { Rule } from '../rule.ts';
import type { FactorStates, Shown } from './show-factor.ts';

/**
 * A recovered factor must not, on its first day, make another that does not rest, vouch for a stranger, or remove
 * those of its owner.
 */
export const shownFactorRestsADay: Rule<{
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly nowMs: number;
}> = {
  name: 'recovered-factor-rests-a-day',
  refuses({ shown, factorStates, nowMs }) {
    // What is no factor of theirs is a wrong code, which is counted elsewhere.
    if (shown.kind !== 'right' || !Object.hasOwn(factorStates.person.factors, shown.factor)) return undefined;
    return recoveredFactorRestsADay.refuses({
      reviewer: factorStates.person,
      statement: { factor: shown.factor },
      nowMs,
    });
  },
};
