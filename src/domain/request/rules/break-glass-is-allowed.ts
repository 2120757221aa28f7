import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

export const breakGlassIsAllowed: Rule<SubmitContext> = {
  name: 'break-glass-is-allowed',
  refuses({ rule, asked, actor }) {
    if (!asked.breakGlass) return undefined;
    if (actor.kind !== 'human') return 'Break-glass is for people; a workload asks and waits for a review.';
    return rule?.break_glass == null ? `"${asked.entitlement}" has no break-glass in the policy.` : undefined;
  },
};
