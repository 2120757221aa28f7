import type { Rule } from '../../rule.ts';
import type { GrantState } from '../state.ts';

/** An approval given under one rule opens nothing under another, looser or stricter. */
export const entitlementStillAllowsTheGrant: Rule<{
  readonly grant: GrantState;
  /** Of the policy in force now; null: the entitlement is gone. */
  readonly ruleDigest: string | null;
}> = {
  name: 'entitlement-still-allows-the-grant',
  refuses: ({ grant, ruleDigest }) =>
    ruleDigest === grant.ruleDigest
      ? undefined
      : 'The policy for this entitlement has changed since the approval. It has to be asked for again.',
};
