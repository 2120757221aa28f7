import type { ResolvedRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';

/** Looked at when asking and again at every opening: membership may have been taken away in between. */
export const requesterIsEligible: Rule<{
  readonly rule: ResolvedRule | undefined;
  readonly groups: readonly string[];
  readonly actor: { readonly workload: string | null };
}> = {
  name: 'requester-is-eligible',
  refuses({ rule, groups, actor }) {
    const eligible = rule?.eligible ?? [];
    const memberships = actor.workload === null ? groups : [actor.workload];
    if (eligible.some((name) => memberships.includes(name))) return undefined;
    return eligible.length === 0
      ? 'Nobody is eligible for this: its list in the policy is empty.'
      : `This may be asked for by ${eligible.join(', ')}; you are in ${memberships.join(', ') || 'none of the policy’s groups'}.`;
  },
};
