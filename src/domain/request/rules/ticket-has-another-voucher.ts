import type { ResolvedRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';
import type { TicketOfPerson } from '../submit-context.ts';

/** A ticket that only its requester stands behind is a sentence, not a reason. */
export const ticketHasAnotherVoucher: Rule<{
  readonly rule: ResolvedRule | undefined;
  readonly tickets: readonly TicketOfPerson[];
  readonly ticketMayBeDown: boolean;
}> = {
  name: 'ticket-has-another-voucher',
  refuses({ rule, tickets, ticketMayBeDown }) {
    if (rule?.ticket == null || ticketMayBeDown) return undefined;
    const alone = tickets.some(({ check }) => check.kind === 'found' && !check.facts.vouched_by_another);
    return alone
      ? 'Nobody but the requester vouches for this ticket. Have somebody else name them in it, or open it.'
      : undefined;
  },
};
