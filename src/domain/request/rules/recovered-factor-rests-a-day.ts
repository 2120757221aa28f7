import type { PersonState } from '../../person/state.ts';
import { own } from '../../policy/own.ts';
import type { Rule } from '../../rule.ts';

export const DAY_MS = 86_400_000;

/**
 * Whoever stole a recovery code signs nothing before its owner has had a day to notice. The day is the person's, not
 * the factor's: that their older authenticator stops signing is how an owner who still has it notices.
 */
export const recoveredFactorRestsADay: Rule<{
  readonly reviewer: PersonState;
  readonly statement: { readonly factor: string };
  readonly nowMs: number;
}> = {
  name: 'recovered-factor-rests-a-day',
  refuses({ reviewer, statement, nowMs }) {
    if (own(reviewer.factors, statement.factor) === undefined)
      return 'The statement names a factor that you do not have.';
    const untilMs = restsUntilMs(reviewer, nowMs);
    return untilMs === undefined ? undefined : sayRest(untilMs);
  },
};

/** Until when somebody rests who recovered a factor, milliseconds since 1970; undefined: they do not. */
export function restsUntilMs(person: PersonState, nowMs: number): number | undefined {
  const ends = Object.values(person.factors)
    .filter(({ means }) => means === 'recovery-code')
    .map(({ enrolledAtMs }) => enrolledAtMs + DAY_MS)
    .filter((end) => nowMs < end);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

export const sayRest = (untilMs: number): string =>
  `A factor of yours was enrolled with a recovery code: you sign from ${new Date(untilMs).toISOString()} on. If it was not you, remove it with an older one: \`countersign factor remove\`.`;
