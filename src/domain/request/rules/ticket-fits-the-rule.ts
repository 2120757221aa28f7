import type { TicketFacts } from '../../events.ts';
import type { ResolvedRule, TicketRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';
import type { TicketCheck } from '../submit-context.ts';

/** Looked at when asking, at an approval and at every opening: a closed ticket opens nothing. */
export const ticketFitsTheRule: Rule<{
  readonly rule: ResolvedRule | undefined;
  readonly ticket: TicketCheck;
  /** true: an emergency for which the policy lets the ticket be unverified. */
  readonly ticketMayBeDown: boolean;
  readonly nowMs: number;
}> = {
  name: 'ticket-fits-the-rule',
  refuses({ rule, ticket, ticketMayBeDown, nowMs }) {
    if (rule?.ticket == null) return undefined;
    if (ticket.kind === 'found') return misfit(rule.ticket, ticket.facts, nowMs);
    if (ticket.kind === 'unavailable') {
      return ticketMayBeDown ? undefined : `The ticket could not be checked: ${ticket.because}`;
    }
    return `There is no such ticket in ${rule.ticket.source}.`;
  },
};

function misfit(rule: TicketRule, facts: TicketFacts, nowMs: number): string | undefined {
  if (facts.source !== rule.source || facts.project !== rule.project) {
    return `The ticket must be of project ${rule.project} in ${rule.source}; this one is of ${facts.project}.`;
  }
  if (facts.state !== rule.state) return `The ticket must be ${rule.state}; it is ${facts.state}.`;
  if (rule.requester !== 'anyone' && facts.part !== rule.requester) {
    return `The requester must be the ticket’s ${rule.requester}${facts.part === 'none' ? '' : `, not its ${facts.part}`}.`;
  }
  if (rule.window === 'required') {
    if (facts.window === null) return 'The ticket must state a change window; it has none.';
    if (nowMs < facts.window.from_ms || nowMs >= facts.window.to_ms) {
      return `It is outside the ticket’s change window (${iso(facts.window.from_ms)} to ${iso(facts.window.to_ms)}).`;
    }
  }
  return undefined;
}

const iso = (ms: number) => new Date(ms).toISOString();
