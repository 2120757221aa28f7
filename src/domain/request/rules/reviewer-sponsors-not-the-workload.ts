import type { Rule } from '../../rule.ts';
import type { ReviewContext } from '../review-context.ts';

/** Whoever answers for a workload asks through it; their sign-off would be their own request's. */
export const reviewerSponsorsNotTheWorkload: Rule<ReviewContext> = {
  name: 'reviewer-sponsors-not-the-workload',
  refuses({ state, rule, groups }) {
    if (!state.byWorkload) return undefined;
    const sponsors = Object.values(rule?.workloads ?? {}).map((workload) => workload.sponsor);
    const own = sponsors.find((sponsor) => groups.includes(sponsor));
    return own === undefined
      ? undefined
      : `You are in ${own}, which answers for this workload; somebody else must review.`;
  },
};
