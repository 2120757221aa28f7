import type { Rule } from '../../rule.ts';

/** Nobody answers for what somebody signed who is gone. */
export const approverHasNotLeft: Rule<{ readonly approversWhoLeft: readonly string[] }> = {
  name: 'approver-has-not-left',
  refuses: ({ approversWhoLeft }) =>
    approversWhoLeft.length === 0
      ? undefined
      : 'Somebody who approved this has left since. It has to be asked for again.',
};
