import type { Rule } from '../../rule.ts';

/** Whoever takes a stolen authenticator away means what it has signed and nobody has used yet, too. */
export const approverStillHasTheFactor: Rule<{ readonly approversWithoutFactor: readonly string[] }> = {
  name: 'approver-still-has-the-factor',
  refuses: ({ approversWithoutFactor }) =>
    approversWithoutFactor.length === 0
      ? undefined
      : 'A factor that this was approved with has been removed since. It has to be asked for again.',
};
