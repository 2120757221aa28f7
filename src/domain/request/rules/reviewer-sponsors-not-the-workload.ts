import { type Humans, identitiesOf } from '../../policy/humans.ts';
import { isListed, lasts } from '../../policy/membership.ts';
import { own } from '../../policy/own.ts';
import type { ResolvedRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';
import type { RequestState } from '../state.ts';

/**
 * Whoever answers for a workload asks through it; their sign-off would be their own request's, by whatever right they
 * sign: stage, escalation or delegation. What their other logins are in is known only of groups that list people; where
 * a provider would have to be asked about somebody who is not calling, the answer is taken to be yes.
 */
export const reviewerSponsorsNotTheWorkload: Rule<{
  readonly actor: { readonly person: string };
  readonly groups: readonly string[];
  readonly state: { readonly byWorkload: boolean };
  readonly rule: ResolvedRule | undefined;
  readonly humans: Humans;
  readonly nowMs: number;
}> = {
  name: 'reviewer-sponsors-not-the-workload',
  refuses({ state, rule, groups, actor, humans, nowMs }) {
    if (!state.byWorkload || rule === undefined) return undefined;
    const own = Object.values(rule.workloads).find(({ sponsor }) => groups.includes(sponsor))?.sponsor;
    if (own !== undefined)
      return `You are in ${own}, which answers for this workload; somebody else must review.`;
    const others = sponsorByAnotherLogin(rule, humans, actor.person, nowMs);
    return others === undefined
      ? undefined
      : `Another login of yours is, or may be, in ${others}, which answers for this workload; somebody else must review.`;
  },
};

/** The same of somebody who signed before the policy knew that another login of theirs answers for the workload. */
export const approversSponsorNotTheWorkload: Rule<{
  readonly state: RequestState;
  readonly rule: ResolvedRule | undefined;
  readonly humans: Humans;
  readonly nowMs: number;
}> = {
  name: reviewerSponsorsNotTheWorkload.name,
  refuses({ state, rule, humans, nowMs }) {
    if (!state.byWorkload || rule === undefined) return undefined;
    const sponsor = state.reviews.find(
      ({ verdict, reviewer }) =>
        verdict === 'approve' && sponsorByAnotherLogin(rule, humans, reviewer, nowMs) !== undefined,
    );
    return sponsor === undefined
      ? undefined
      : `By the policy now, another login of ${sponsor.reviewer}, who approved this, answers or may answer for this workload. Ask for it again.`;
  },
};

/** The group that answers for a workload and that another login of this human is, or may be, in; undefined: none. */
function sponsorByAnotherLogin(
  rule: ResolvedRule,
  humans: Humans,
  person: string,
  nowMs: number,
): string | undefined {
  const [, ...others] = identitiesOf(humans, person);
  const sponsors = Object.values(rule.workloads).map(({ sponsor }) => sponsor);
  return sponsors.find((sponsor) => others.some((other) => mayBeIn(rule, sponsor, other, nowMs)));
}

function mayBeIn(rule: ResolvedRule, name: string, person: string, nowMs: number): boolean {
  const group = own(rule.groups, name);
  if (group === undefined || !lasts(group.until, nowMs)) return false;
  return group.people === undefined || isListed(group.people, person, nowMs);
}
