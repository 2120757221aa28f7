import { overdueUses } from '../../break-glass/state.ts';
import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

/** An overdue review blocks the next emergency, but never the same one: a lone on-call is not locked out half-way. */
export const breakGlassDebtIsPaid: Rule<SubmitContext> = {
  name: 'break-glass-debt-is-paid',
  refuses({ asked, debt, incident, nowMs }) {
    if (!asked.breakGlass) return undefined;
    const overdue = overdueUses(debt, nowMs).filter((use) => use.incident !== incident);
    const first = overdue[0];
    return first === undefined
      ? undefined
      : `Your break-glass ${first.request} has not been reviewed in time. Ask ${first.reviewFrom} to review it first.`;
  },
};
