import type { Rule } from '../../rule.ts';
import type { GrantState } from '../state.ts';
import { grantStatus } from '../status.ts';

export const grantHasBegun: Rule<{ readonly grant: GrantState; readonly nowMs: number }> = {
  name: 'grant-has-begun',
  refuses: ({ grant, nowMs }) =>
    grantStatus(grant, nowMs) === 'scheduled' && grant.startsAtMs !== null
      ? `This grant begins at ${new Date(grant.startsAtMs).toISOString()}; nothing opens before.`
      : undefined,
};
