import type { Rule } from '../../rule.ts';
import { type SubmitContext, targetsAsked } from '../submit-context.ts';

/** Which of several places is never guessed. */
export const targetsAreOfTheEntitlement: Rule<SubmitContext> = {
  name: 'targets-are-of-the-entitlement',
  refuses(context) {
    const declared = Object.keys(context.rule?.targets ?? {});
    const asked = targetsAsked(context);
    if (asked.length === 0)
      return `Say where: this entitlement is for ${declared.join(', ')}. Add --target, once for each.`;
    const other = asked.find((target) => !declared.includes(target));
    if (other !== undefined)
      return `"${other}" is no target of this entitlement; it has ${declared.join(', ')}.`;
    return new Set(asked).size === asked.length ? undefined : 'A target is named twice.';
  },
};
