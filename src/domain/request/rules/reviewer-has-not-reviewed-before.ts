import { sameHuman } from '../../policy/humans.ts';
import type { Rule } from '../../rule.ts';
import type { ReviewContext } from '../review-context.ts';

/** Humans are distinct across all stages: two groups with one member are still one human, and so are two logins. */
export const reviewerHasNotReviewedBefore: Rule<ReviewContext> = {
  name: 'reviewer-has-not-reviewed-before',
  refuses: ({ state, actor, humans }) =>
    state.reviews.some((review) => sameHuman(humans, review.reviewer, actor.person))
      ? 'You have signed this request already; the next signature must be somebody else’s.'
      : undefined,
};
