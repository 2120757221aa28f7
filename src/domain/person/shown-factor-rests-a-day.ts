import { own } from '../policy/own.ts';
import {
  DAY_MS,
  recoveredFactorRestsADay,
  restsUntilMs,
  sayRest,
} from '../request/rules/recovered-factor-rests-a-day.ts';
import type { Rule } from '../rule.ts';
import { type FactorStates, isOwnAndOpen, type Shown } from './show-factor.ts';

/**
 * A recovered factor must not, on its first day, make another that does not rest, or remove those of its owner. Its
 * owner's other factors may: that is how a thief's is removed.
 */
export const shownFactorRestsADay: Rule<{
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly nowMs: number;
}> = {
  name: recoveredFactorRestsADay.name,
  refuses({ shown, factorStates, nowMs }) {
    if (!isOwnAndOpen(shown, factorStates, nowMs)) return undefined;
    const factor = own(factorStates.person.factors, shown.factor);
    return factor?.means === 'recovery-code' && nowMs < factor.enrolledAtMs + DAY_MS
      ? sayRest(factor.enrolledAtMs + DAY_MS)
      : undefined;
  },
};

/** Whoever recovered speaks for nobody else on that day: they vouch for, reset and take away nobody. */
export const recoveredPersonRestsADay: Rule<{
  readonly factorStates: FactorStates;
  readonly nowMs: number;
}> = {
  name: recoveredFactorRestsADay.name,
  refuses({ factorStates, nowMs }) {
    const untilMs = restsUntilMs(factorStates.person, nowMs);
    return untilMs === undefined ? undefined : sayRest(untilMs);
  },
};
