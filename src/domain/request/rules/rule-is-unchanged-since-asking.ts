import type { Rule } from '../../rule.ts';
import type { ReviewContext } from '../review-context.ts';

/** A denial is always possible; an approval only of what was asked under today's rule. */
export const ruleIsUnchangedSinceAsking: Rule<ReviewContext> = {
  name: 'rule-is-unchanged-since-asking',
  refuses: ({ state, ruleDigest, statement }) =>
    statement.verdict === 'deny' || ruleDigest === state.ruleDigest
      ? undefined
      : 'The policy for this entitlement has changed since it was asked for. It has to be asked for again.',
};
