import { type Humans, sameHuman } from '../../policy/humans.ts';
import type { Rule } from '../../rule.ts';
import type { RequestState } from '../state.ts';

/**
 * Two logins that turned out to be one human since: who signed must be somebody else than who asked or gets it, and
 * than who else signed, by what the policy in force knows now.
 */
export const approvalsAreOfOtherHumans: Rule<{ readonly state: RequestState; readonly humans: Humans }> = {
  name: 'approvals-are-of-other-humans',
  refuses({ state, humans }) {
    const approvers = state.reviews.filter(({ verdict }) => verdict === 'approve');
    const isOneOf = (person: string, others: readonly string[]) =>
      others.some((other) => sameHuman(humans, person, other));
    const own = approvers.find(({ reviewer }) => isOneOf(reviewer, [state.person, ...state.people]));
    if (own !== undefined)
      return `The policy says now that ${own.reviewer}, who approved this, is the same human as one it is for. Ask for it again.`;
    const reviewers = approvers.map(({ reviewer }) => reviewer);
    const twice = reviewers.find((reviewer, at) => isOneOf(reviewer, reviewers.slice(0, at)));
    return twice === undefined
      ? undefined
      : `The policy says now that ${twice} and another who approved this are one human. Ask for it again.`;
  },
};
