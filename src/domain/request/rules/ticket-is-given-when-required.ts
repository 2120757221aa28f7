import type { Rule } from '../../rule.ts';
import type { SubmitContext } from '../submit-context.ts';

/** Break-glass too: what may be down is the ticket's source, never the name of the incident. */
export const ticketIsGivenWhenRequired: Rule<SubmitContext> = {
  name: 'ticket-is-given-when-required',
  refuses: ({ rule, tickets }) =>
    rule?.ticket != null && tickets.some(({ check }) => check.kind === 'not-given')
      ? `This needs a ticket of project ${rule.ticket.project}. Add it with -t, for example -t ${rule.ticket.project}-1.`
      : undefined,
};
