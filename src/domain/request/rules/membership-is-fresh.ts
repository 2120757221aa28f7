import type { Actor } from '../../actor.ts';
import type { ResolvedRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';

/** How long what an identity provider said serves an emergency while it does not answer. */
export const CACHED_MEMBERSHIP_SERVES_MS = 86_400_000;

/**
 * While the identity provider is down, only an emergency goes on what it said before, only for people whom the policy
 * names, and only for a day: an outage must not be worth making.
 */
export const membershipIsFresh: Rule<{
  readonly actor: Actor;
  readonly rule: ResolvedRule | undefined;
  /** It is an emergency, or a grant of one that began so. */
  readonly isEmergency: boolean;
  readonly nowMs: number;
}> = {
  name: 'membership-is-fresh',
  refuses({ actor, rule, isEmergency, nowMs }) {
    if (actor.membership === 'fresh') return undefined;
    const emergency = rule?.break_glass;
    if (!isEmergency || emergency?.without.includes('identity-provider') !== true)
      return 'The identity provider does not answer, so your groups cannot be looked up. Try again soon.';
    if (emergency.named?.includes(actor.person) !== true)
      return 'The identity provider does not answer; the policy names other people for that case.';
    return nowMs <= actor.claimsAtMs + CACHED_MEMBERSHIP_SERVES_MS
      ? undefined
      : 'The identity provider does not answer, and it was more than a day ago that it last told your groups.';
  },
};
