import { commonScope } from '../policy/narrow.ts';
import type { Permission } from '../policy/policy.ts';
import type { RequestState } from './state.ts';

/** What the approvals so far have left of the ask: the intersection of all signed scopes and the least duration. */
export function remaining(state: RequestState): {
  readonly scope: readonly Permission[];
  readonly seconds: number;
} {
  const approvals = state.reviews.filter((review) => review.verdict === 'approve');
  return {
    scope: approvals.reduce<readonly Permission[]>(
      (left, { scope }) => commonScope(left, scope),
      state.scope,
    ),
    seconds: Math.min(state.seconds, ...approvals.map((approval) => approval.seconds)),
  };
}
