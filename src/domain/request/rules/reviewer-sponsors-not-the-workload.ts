import { type Humans, identitiesOf } from '../../policy/humans.ts';
import { isListed, lasts } from '../../policy/membership.ts';
import { own } from '../../policy/own.ts';
import type { ResolvedRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';

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
    const [, ...others] = identitiesOf(humans, actor.person);
    for (const { sponsor } of Object.values(rule.workloads)) {
      if (groups.includes(sponsor))
        return `You are in ${sponsor}, which answers for this workload; somebody else must review.`;
      if (others.some((person) => mayBeIn(rule, sponsor, person, nowMs)))
        return `Another login of yours is, or may be, in ${sponsor}, which answers for this workload; somebody else must review.`;
    }
    return undefined;
  },
};

function mayBeIn(rule: ResolvedRule, name: string, person: string, nowMs: number): boolean {
  const group = own(rule.groups, name);
  if (group === undefined || !lasts(group.until, nowMs)) return false;
  return group.people === undefined || isListed(group.people, person, nowMs);
}
