import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

export const scopeIsWithinEntitlement: Rule<SubmitContext> = {
  name: 'scope-is-within-entitlement',
  refuses: ({ scope, asked }) =>
    scope !== undefined && scope.length > 0
      ? undefined
      : `The scope you asked for is not within what "${asked.entitlement}" allows. Leave it out to ask for all of it.`,
};
