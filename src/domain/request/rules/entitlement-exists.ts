import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

export const entitlementExists: Rule<SubmitContext> = {
  name: 'entitlement-exists',
  refuses: ({ rule, asked }) =>
    rule === undefined
      ? `The policy in force has no entitlement "${asked.entitlement}". \`countersign catalog\` lists what there is.`
      : undefined,
};
