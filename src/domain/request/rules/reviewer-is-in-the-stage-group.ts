import type { Rule } from '../../rule.ts';
import type { ReviewContext } from '../review-context.ts';
import { currentStage } from '../status.ts';

/** The group of the stage that is waiting now: later stages do not sign ahead. */
export const reviewerIsInTheStageGroup: Rule<ReviewContext> = {
  name: 'reviewer-is-in-the-stage-group',
  refuses({ state, groups }) {
    const stage = currentStage(state);
    if (stage === undefined) return 'Every stage of this request is signed already.';
    return groups.includes(stage.from)
      ? undefined
      : `This waits for ${stage.from}; you are in ${groups.join(', ') || 'none of the policy’s groups'}.`;
  },
};
