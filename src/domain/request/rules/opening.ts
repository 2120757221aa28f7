import type { Rule } from '../../rule.ts';
import type { OpenContext } from '../open-context.ts';
import { entitlementStillAllowsTheGrant } from './entitlement-still-allows-the-grant.ts';
import { grantBelongsToTheCaller } from './grant-belongs-to-the-caller.ts';
import { grantIsUsable } from './grant-is-usable.ts';
import { requesterIsEligible } from './requester-is-eligible.ts';
import { ticketFitsTheRule } from './ticket-fits-the-rule.ts';
import { ticketHasAnotherVoucher } from './ticket-has-another-voucher.ts';

/** What was true at the approval must be true at each opening. */
export const openingRules: readonly Rule<OpenContext & { readonly ticketMayBeDown: boolean }>[] = [
  grantBelongsToTheCaller,
  grantIsUsable,
  entitlementStillAllowsTheGrant,
  requesterIsEligible,
  ticketFitsTheRule,
  ticketHasAnotherVoucher,
];
