import type { PersonState } from '../../person/state.ts';
import { own } from '../../policy/own.ts';
import type { Rule } from '../../rule.ts';

export const DAY_MS = 86_400_000;

/** Whoever stole a recovery code signs nothing before its owner has had a day to notice. */
export const recoveredFactorRestsADay: Rule<{
  readonly reviewer: PersonState;
  readonly statement: { readonly factor: string };
  readonly nowMs: number;
}> = {
  name: 'recovered-factor-rests-a-day',
  refuses({ reviewer, statement, nowMs }) {
    const factor = own(reviewer.factors, statement.factor);
    if (factor === undefined) return 'The statement names a factor that you do not have.';
    const restsUntilMs = factor.enrolledAtMs + DAY_MS;
    return factor.means === 'recovery-code' && nowMs < restsUntilMs
      ? `This factor was enrolled with a recovery code: it signs from ${new Date(restsUntilMs).toISOString()} on.`
      : undefined;
  },
};
