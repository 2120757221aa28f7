import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

/** Reviewers are worn down by many asks sooner than by one good reason. */
export const PENDING_REQUESTS_ALLOWED = 20;

export const pendingRequestsAreBounded: Rule<SubmitContext> = {
  name: 'pending-requests-are-bounded',
  refuses: ({ pendingCount }) =>
    pendingCount < PENDING_REQUESTS_ALLOWED
      ? undefined
      : `You have ${pendingCount} requests waiting. Withdraw one (\`countersign ls\`, \`countersign withdraw ID\`) or wait for a decision.`,
};
