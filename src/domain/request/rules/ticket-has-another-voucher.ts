import type { ResolvedRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';
import type { TicketCheck } from '../submit-context.ts';

/** A ticket that only its requester stands behind is a sentence, not a reason. */
export const ticketHasAnotherVoucher: Rule<{
  readonly rule: ResolvedRule | undefined;
  readonly ticket: TicketCheck;
  readonly ticketMayBeDown: boolean;
}> = {
  name: 'ticket-has-another-voucher',
  refuses({ rule, ticket, ticketMayBeDown }) {
    if (rule?.ticket == null || ticket.kind !== 'found') return undefined;
    if (ticket.facts.vouched_by_another || ticketMayBeDown) return undefined;
    return 'Nobody but the requester vouches for this ticket. Have somebody else name them in it, or open it.';
  },
};
