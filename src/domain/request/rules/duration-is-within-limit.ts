import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

export const durationIsWithinLimit: Rule<SubmitContext> = {
  name: 'duration-is-within-limit',
  refuses({ rule, asked }) {
    const most = (asked.breakGlass ? rule?.break_glass?.at_most_seconds : rule?.at_most_seconds) ?? 0;
    return asked.seconds <= most
      ? undefined
      : `You asked for ${minutes(asked.seconds)}; the policy allows at most ${minutes(most)}${asked.breakGlass ? ' for break-glass' : ''}.`;
  },
};

const minutes = (seconds: number) => `${Math.round((seconds / 60) * 10) / 10} min`;
