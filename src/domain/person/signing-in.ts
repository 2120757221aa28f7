import { personHasNotLeft } from '../request/rules/person-has-not-left.ts';

/** Rules on a sign-in that the identity provider has vouched for. */
export const signingInRules = [personHasNotLeft] as const;
