import { factorIsStrongEnough } from '../../person/factor-is-strong-enough.ts';
import { passkeyCounterRises } from '../../person/passkey-counter-rises.ts';
import { shownFactorIsVouched } from '../../person/recovered-factor-is-vouched.ts';
import type { FactorStates, Shown } from '../../person/show-factor.ts';
import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';
import { breakGlassDebtIsPaid } from './break-glass-debt-is-paid.ts';
import { breakGlassIsAllowed } from './break-glass-is-allowed.ts';
import { durationIsWithinLimit } from './duration-is-within-limit.ts';
import { entitlementExists } from './entitlement-exists.ts';
import { extensionFollowsItsGrant } from './extension-follows-its-grant.ts';
import { membershipIsFresh } from './membership-is-fresh.ts';
import { parametersFitTheirPatterns } from './parameters-fit-their-patterns.ts';
import { pendingRequestsAreBounded } from './pending-requests-are-bounded.ts';
import { peopleAreNamedOnce } from './people-are-named-once.ts';
import { personHasNotLeft } from './person-has-not-left.ts';
import { requesterIsEligible } from './requester-is-eligible.ts';
import { scopeIsWithinEntitlement } from './scope-is-within-entitlement.ts';
import { startIsWithinLimit } from './start-is-within-limit.ts';
import { targetsAreOfTheEntitlement } from './targets-are-of-the-entitlement.ts';
import { ticketFitsTheRule } from './ticket-fits-the-rule.ts';
import { ticketHasAnotherVoucher } from './ticket-has-another-voucher.ts';
import { ticketIsGivenWhenRequired } from './ticket-is-given-when-required.ts';

/** What the rules on asking look at, beside the ask itself. */
export type SubmittingContext = SubmitContext & {
  readonly ticketMayBeDown: boolean;
  readonly isEmergency: boolean;
  readonly usedAtMs: number;
  readonly shown: Shown;
  readonly factorStates: FactorStates;
};

/** A workload shows no factor. */
const requestersFactorIsStrongEnough: Rule<SubmittingContext> = {
  name: factorIsStrongEnough.name,
  refuses: ({ actor, shown, rule }) =>
    actor.kind === 'workload'
      ? undefined
      : factorIsStrongEnough.refuses({ shown, demanded: rule?.factors.request }),
};

/** Rules on asking, in the order in which a person would want to hear of them. */
export const submittingRules: readonly Rule<SubmittingContext>[] = [
  entitlementExists,
  personHasNotLeft,
  membershipIsFresh,
  requesterIsEligible,
  breakGlassIsAllowed,
  targetsAreOfTheEntitlement,
  peopleAreNamedOnce,
  durationIsWithinLimit,
  startIsWithinLimit,
  extensionFollowsItsGrant,
  parametersFitTheirPatterns,
  scopeIsWithinEntitlement,
  ticketIsGivenWhenRequired,
  ticketFitsTheRule,
  ticketHasAnotherVoucher,
  pendingRequestsAreBounded,
  breakGlassDebtIsPaid,
  shownFactorIsVouched,
  requestersFactorIsStrongEnough,
  passkeyCounterRises,
];
