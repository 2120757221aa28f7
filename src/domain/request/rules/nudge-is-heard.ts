import type { Channel } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';

/** A reminder that reaches nobody would let whoever waits believe that somebody knows. */
export const nudgeIsHeard: Rule<{ readonly channels: readonly Channel[] }> = {
  name: 'nudge-is-heard',
  refuses: ({ channels }) =>
    channels.length > 0
      ? undefined
      : 'The policy tells reviewers nothing (`notify.reviewers`), so nobody would hear of it.',
};
