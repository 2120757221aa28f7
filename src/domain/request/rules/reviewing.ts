import { factorIsStrongEnough } from '../../person/factor-is-strong-enough.ts';
import { passkeyCounterRises } from '../../person/passkey-counter-rises.ts';
import { recoveredFactorIsVouched } from '../../person/recovered-factor-is-vouched.ts';
import type { FactorStates, Shown } from '../../person/show-factor.ts';
import type { Rule } from '../../rule.ts';
import type { ReviewContext } from '../review-context.ts';
import { approverIsNotRequester } from './approver-is-not-requester.ts';
import { extendedGrantWasNotRevoked } from './extended-grant-was-not-revoked.ts';
import { membershipIsFresh } from './membership-is-fresh.ts';
import { personHasNotLeft } from './person-has-not-left.ts';
import { recoveredFactorRestsADay } from './recovered-factor-rests-a-day.ts';
import { requestIsPending } from './request-is-pending.ts';
import { reviewOnlyNarrows } from './review-only-narrows.ts';
import { reviewerHasNotReviewedBefore } from './reviewer-has-not-reviewed-before.ts';
import { reviewerIsHuman } from './reviewer-is-human.ts';
import { reviewerIsInTheStageGroup } from './reviewer-is-in-the-stage-group.ts';
import { reviewerSponsorsNotTheWorkload } from './reviewer-sponsors-not-the-workload.ts';
import { ruleIsUnchangedSinceAsking } from './rule-is-unchanged-since-asking.ts';
import { statementIsWhatStands } from './statement-is-what-stands.ts';
import { statementNonceIsFresh } from './statement-nonce-is-fresh.ts';
import { ticketFitsTheRule } from './ticket-fits-the-rule.ts';
import { ticketHasAnotherVoucher } from './ticket-has-another-voucher.ts';

/** Nobody decides for others on what their provider said before. */
const reviewersMembershipIsFresh: Rule<ReviewContext> = {
  name: membershipIsFresh.name,
  refuses: (context) => membershipIsFresh.refuses({ ...context, isEmergency: false }),
};

/** A denial concerns the reviewer alone: what those who left have asked for may still be refused. */
const reviewingConcernsNobodyWhoLeft: Rule<ReviewContext> = {
  name: personHasNotLeft.name,
  refuses({ actor, peopleWhoLeft, statement }) {
    const concerned = peopleWhoLeft.filter(
      (person) => statement.verdict === 'approve' || person === actor.person,
    );
    return personHasNotLeft.refuses({ actor, peopleWhoLeft: concerned });
  },
};

/** Who may decide at all: also asked before a statement is made for them. */
export const reviewerRules: readonly Rule<ReviewContext>[] = [
  requestIsPending,
  reviewerIsHuman,
  approverIsNotRequester,
  reviewerIsInTheStageGroup,
  reviewerHasNotReviewedBefore,
  reviewerSponsorsNotTheWorkload,
  reviewersMembershipIsFresh,
  reviewingConcernsNobodyWhoLeft,
  ruleIsUnchangedSinceAsking,
];

export type ReviewingContext = ReviewContext & {
  readonly nonces: readonly string[];
  readonly shown: Shown;
  readonly factorStates: FactorStates;
};

const reviewersFactorIsStrongEnough: Rule<ReviewingContext> = {
  name: factorIsStrongEnough.name,
  refuses: ({ shown, rule }) => factorIsStrongEnough.refuses({ shown, demanded: rule?.factors.review }),
};

/** What they decided, and whether it is what stands. Ticket and extended grant matter to an approval only. */
export const reviewingRules: readonly Rule<ReviewingContext>[] = [
  ...reviewerRules,
  reviewOnlyNarrows,
  forApproval(extendedGrantWasNotRevoked),
  forApproval(ticketFitsTheRule),
  forApproval(ticketHasAnotherVoucher),
  statementIsWhatStands,
  statementNonceIsFresh,
  recoveredFactorIsVouched,
  recoveredFactorRestsADay,
  reviewersFactorIsStrongEnough,
  passkeyCounterRises,
];

type OfTicket = ReviewContext & { readonly ticketMayBeDown: boolean; readonly usedAtMs: number };

function forApproval(rule: Rule<OfTicket>): Rule<ReviewContext> {
  return {
    name: rule.name,
    refuses(context) {
      if (context.statement.verdict !== 'approve') return undefined;
      const usedAtMs = Math.max(context.nowMs, context.state.startMs ?? 0);
      return rule.refuses({ ...context, ticketMayBeDown: false, usedAtMs });
    },
  };
}
