import type { TicketFacts } from '../../events.ts';
import type { ResolvedRule, TicketRule } from '../../policy/policy.ts';
import type { Rule } from '../../rule.ts';
import type { TicketOfPerson } from '../submit-context.ts';

/** Looked at when asking, at an approval and at every opening: a closed ticket opens nothing. */
export const ticketFitsTheRule: Rule<{
  readonly rule: ResolvedRule | undefined;
  readonly tickets: readonly TicketOfPerson[];
  /** true: an emergency for which the policy lets the ticket be unverified. */
  readonly ticketMayBeDown: boolean;
  /** The moment that the ticket's window must hold: now, or the start that is asked for. */
  readonly usedAtMs: number;
}> = {
  name: 'ticket-fits-the-rule',
  refuses({ rule, tickets, ticketMayBeDown, usedAtMs }) {
    if (rule?.ticket == null) return undefined;
    for (const { person, check } of tickets) {
      if (check.kind === 'unavailable') {
        if (ticketMayBeDown) continue;
        return `The ticket could not be checked: ${check.because}`;
      }
      if (check.kind !== 'found') return `There is no such ticket in ${rule.ticket.source}.`;
      const because = misfit(rule.ticket, check.facts, usedAtMs);
      if (because !== undefined) return tickets.length === 1 ? because : `${because} (${person})`;
    }
    return undefined;
  },
};

/** Why a ticket is not what the policy demands; undefined: it is. */
export function misfit(rule: TicketRule, facts: TicketFacts, usedAtMs: number): string | undefined {
  if (facts.source !== rule.source || facts.project !== rule.project) {
    return `The ticket must be of project ${rule.project} in ${rule.source}; this one is of ${facts.project}.`;
  }
  if (facts.state !== rule.state) return `The ticket must be ${rule.state}; it is ${facts.state}.`;
  if (rule.requester !== 'anyone' && facts.part !== rule.requester) {
    return `Whoever gets the access must be the ticket’s ${rule.requester}${facts.part === 'none' ? '' : `, not its ${facts.part}`}.`;
  }
  if (rule.window === 'required') {
    if (facts.window === null) return 'The ticket must state a change window; it has none.';
    if (usedAtMs < facts.window.from_ms || usedAtMs >= facts.window.to_ms) {
      return `It is outside the ticket’s change window (${iso(facts.window.from_ms)} to ${iso(facts.window.to_ms)}).`;
    }
  }
  return undefined;
}

const iso = (ms: number) => new Date(ms).toISOString();
