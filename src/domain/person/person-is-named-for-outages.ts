import type { Policy } from '../policy/policy.ts';
import { CACHED_MEMBERSHIP_SERVES_MS } from '../request/rules/membership-is-fresh.ts';
import type { Rule } from '../rule.ts';

/** Whom a policy names for breaking the glass without the identity provider, each once. */
export const namedForOutages = ({ entitlements }: Pick<Policy, 'entitlements'>): readonly string[] => [
  ...new Set(
    Object.values(entitlements).flatMap(({ break_glass }) =>
      break_glass?.without.includes('identity-provider') === true ? (break_glass.named ?? []) : [],
    ),
  ),
];

/** An outage of the identity provider lets nobody in but those it was agreed on, on what was told of them within a day. */
export const personIsNamedForOutages: Rule<{
  readonly actor: { readonly person: string };
  readonly policy: Pick<Policy, 'entitlements'>;
  /** When the provider last told their groups. */
  readonly claimsAtMs: number;
  readonly nowMs: number;
}> = {
  name: 'person-is-named-for-outages',
  refuses({ actor, policy, claimsAtMs, nowMs }) {
    if (!namedForOutages(policy).includes(actor.person))
      return 'The policy names other people for an outage of the identity provider.';
    return nowMs <= claimsAtMs + CACHED_MEMBERSHIP_SERVES_MS
      ? undefined
      : 'It was more than a day ago that the identity provider last told your groups.';
  },
};
