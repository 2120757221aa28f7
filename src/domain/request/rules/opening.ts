import { factorIsStrongEnough } from '../../person/factor-is-strong-enough.ts';
import { passkeyCounterRises } from '../../person/passkey-counter-rises.ts';
import { shownFactorIsVouched } from '../../person/recovered-factor-is-vouched.ts';
import type { FactorStates, Shown } from '../../person/show-factor.ts';
import type { Rule } from '../../rule.ts';
import type { OpenContext } from '../open-context.ts';
import { approvalsAreOfOtherHumans } from './approvals-are-of-other-humans.ts';
import { approverHasNotLeft } from './approver-has-not-left.ts';
import { approverStillHasTheFactor } from './approver-still-has-the-factor.ts';
import { entitlementStillAllowsTheGrant } from './entitlement-still-allows-the-grant.ts';
import { extendedGrantWasNotRevoked } from './extended-grant-was-not-revoked.ts';
import { grantBelongsToTheCaller } from './grant-belongs-to-the-caller.ts';
import { grantHasBegun } from './grant-has-begun.ts';
import { grantIsUsable } from './grant-is-usable.ts';
import { membershipIsFresh } from './membership-is-fresh.ts';
import { personHasNotLeft } from './person-has-not-left.ts';
import { requesterIsEligible } from './requester-is-eligible.ts';
import { approversSponsorNotTheWorkload } from './reviewer-sponsors-not-the-workload.ts';
import { ticketFitsTheRule } from './ticket-fits-the-rule.ts';
import { ticketHasAnotherVoucher } from './ticket-has-another-voucher.ts';

export type OpeningContext = OpenContext & {
  readonly ticketMayBeDown: boolean;
  readonly isEmergency: boolean;
  readonly usedAtMs: number;
  readonly shown: Shown;
  readonly factorStates: FactorStates;
};

/** A workload shows no factor. */
const holdersFactorIsStrongEnough: Rule<OpeningContext> = {
  name: factorIsStrongEnough.name,
  refuses: ({ actor, shown, rule }) =>
    actor.kind === 'workload'
      ? undefined
      : factorIsStrongEnough.refuses({ shown, demanded: rule?.factors.open }),
};

/** What was true at the approval must be true at each opening. */
export const openingRules: readonly Rule<OpeningContext>[] = [
  grantBelongsToTheCaller,
  personHasNotLeft,
  membershipIsFresh,
  grantHasBegun,
  grantIsUsable,
  entitlementStillAllowsTheGrant,
  extendedGrantWasNotRevoked,
  approverHasNotLeft,
  approverStillHasTheFactor,
  approvalsAreOfOtherHumans,
  approversSponsorNotTheWorkload,
  requesterIsEligible,
  ticketFitsTheRule,
  ticketHasAnotherVoucher,
  shownFactorIsVouched,
  holdersFactorIsStrongEnough,
  passkeyCounterRises,
];
