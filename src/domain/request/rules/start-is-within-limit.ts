import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

/** An approval for some day is an approval nobody remembers: how far ahead, the policy says. */
export const startIsWithinLimit: Rule<SubmitContext> = {
  name: 'start-is-within-limit',
  refuses({ rule, asked, nowMs }) {
    if (asked.startMs === null) return undefined;
    if (asked.extends !== null) return 'An extension begins where its grant ends; leave the start out.';
    if (asked.breakGlass) return 'An emergency begins now; leave the start out.';
    const most = rule?.waiting.schedule_seconds;
    if (most === undefined) return 'The policy schedules nothing (`waiting.schedule`); ask when you need it.';
    if (asked.startMs <= nowMs) return 'The start lies in the past; leave it out to begin at once.';
    return asked.startMs <= nowMs + most * 1000
      ? undefined
      : `The policy lets a start lie at most ${Math.floor(most / 3600)} h ahead.`;
  },
};
