import { commonScope, intersectScope } from '../../policy/narrow.ts';
import type { Permission } from '../../policy/policy.ts';
import { comparePermissions } from '../../policy/scope-order.ts';
import type { Rule } from '../../rule.ts';
import { remaining } from '../remaining.ts';
import type { ReviewContext } from '../review-context.ts';

/** An approval takes away or leaves as it is; what is left by all approvals together must be something. */
export const reviewOnlyNarrows: Rule<ReviewContext> = {
  name: 'review-only-narrows',
  refuses({ state, statement }) {
    if (statement.seconds > state.seconds)
      return 'A review can shorten what was asked for, never lengthen it.';
    if (!isWithin(state.scope, statement.scope))
      return 'A review can take away from the scope, never add to it.';
    return commonScope(remaining(state).scope, statement.scope).length === 0
      ? 'Together with the earlier approvals this leaves nothing. Deny it instead, and say why.'
      : undefined;
  },
};

/** In the one form a scope has, declared by what was asked for, and called by the access it has there. */
function isWithin(asked: readonly Permission[], signed: readonly Permission[]): boolean {
  const within = intersectScope(asked, signed);
  if (within === 'not-within' || within.length !== signed.length) return false;
  return within.every((one, at) => {
    const other = signed[at];
    return other !== undefined && comparePermissions(one, other) === 0 && one.access === other.access;
  });
}
