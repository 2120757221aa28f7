import type { Rule } from '../../rule.ts';
import type { RequestState } from '../state.ts';
import { requestStatus } from '../status.ts';

export const requestIsPending: Rule<{ readonly state: RequestState; readonly nowMs: number }> = {
  name: 'request-is-pending',
  refuses({ state, nowMs }) {
    const status = requestStatus(state, nowMs);
    return status === 'pending' ? undefined : `This request is ${status}; there is nothing left to decide.`;
  },
};
