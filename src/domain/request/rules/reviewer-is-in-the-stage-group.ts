import type { Rule } from '../../rule.ts';
import type { ReviewContext } from '../review-context.ts';
import { currentStage, escalatesAtMs, reviewRight } from '../stage.ts';

/** The group of the stage that is waiting now, and who may decide in its place: later stages do not sign ahead. */
export const reviewerIsInTheStageGroup: Rule<ReviewContext> = {
  name: 'reviewer-is-in-the-stage-group',
  refuses({ state, groups, rule, nowMs }) {
    const stage = currentStage(state);
    if (stage === undefined) return 'Every stage of this request is signed already.';
    if (reviewRight(stage, groups, rule?.delegates ?? [], nowMs) !== undefined) return undefined;
    const escalatesMs = escalatesAtMs(stage);
    const later =
      stage.escalate !== null &&
      escalatesMs !== null &&
      nowMs < escalatesMs &&
      groups.includes(stage.escalate.to)
        ? ` It is ${stage.escalate.to}’s turn from ${new Date(escalatesMs).toISOString()} on.`
        : '';
    return `This waits for ${stage.from}; you are in ${groups.join(', ') || 'none of the policy’s groups'}.${later}`;
  },
};
