import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';
import { breakGlassDebtIsPaid } from './break-glass-debt-is-paid.ts';
import { breakGlassIsAllowed } from './break-glass-is-allowed.ts';
import { durationIsWithinLimit } from './duration-is-within-limit.ts';
import { entitlementExists } from './entitlement-exists.ts';
import { pendingRequestsAreBounded } from './pending-requests-are-bounded.ts';
import { requesterIsEligible } from './requester-is-eligible.ts';
import { scopeIsWithinEntitlement } from './scope-is-within-entitlement.ts';
import { ticketFitsTheRule } from './ticket-fits-the-rule.ts';
import { ticketHasAnotherVoucher } from './ticket-has-another-voucher.ts';
import { ticketIsGivenWhenRequired } from './ticket-is-given-when-required.ts';

/** Rules on asking, in the order in which a person would want to hear of them. */
export const submittingRules: readonly Rule<SubmitContext & { readonly ticketMayBeDown: boolean }>[] = [
  entitlementExists,
  requesterIsEligible,
  breakGlassIsAllowed,
  durationIsWithinLimit,
  scopeIsWithinEntitlement,
  ticketIsGivenWhenRequired,
  ticketFitsTheRule,
  ticketHasAnotherVoucher,
  pendingRequestsAreBounded,
  breakGlassDebtIsPaid,
];
