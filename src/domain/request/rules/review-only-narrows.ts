import { commonScope } from '../../policy/narrow.ts';
import type { Rule } from '../../rule.ts';
import { remaining } from '../remaining.ts';
import type { ReviewContext } from '../review-context.ts';

/** An approval takes away or leaves as it is; what is left by all approvals together must be something. */
export const reviewOnlyNarrows: Rule<ReviewContext> = {
  name: 'review-only-narrows',
  refuses({ state, statement, scope }) {
    if (statement.seconds > state.seconds) return 'A review can shorten what was asked for, never lengthen it.';
    if (scope === undefined || scope.length === 0) return 'A review can take away from the scope, never add to it.';
    return commonScope(remaining(state).scope, scope).length === 0
      ? 'Together with the earlier approvals this leaves nothing. Deny it instead, and say why.'
      : undefined;
  },
};
