import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error, warning } from './finding.ts';

const rule = 'closing-follows-an-open-ticket';

/** Grants that end when their ticket closes need a ticket that is not closed from the beginning, and one at all. */
export function closingFollowsAnOpenTicket(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.tickets).flatMap(([name, { state, closing }]) => {
    if (closing === undefined) return [];
    if (state === 'closed')
      return [
        error(
          rule,
          ['tickets', name, 'closing'],
          'The ticket has to be closed for the grant to begin, so its closing cannot end it. Example: `state: open, closing: ends-grants`.',
        ),
      ];
    return Object.entries(policy.entitlements)
      .filter(
        ([, { ticket, break_glass }]) => ticket === name && break_glass?.without.includes('ticket') === true,
      )
      .map(([entitlement]) =>
        warning(
          rule,
          ['entitlements', entitlement, 'break_glass', 'without'],
          `Grants of \`${name}\` end when their ticket closes, but an emergency without a ticket has none that could close: it ` +
            'lasts its whole time. Take `ticket` out of `without`, or give it a short `at_most: 30m`.',
        ),
      );
  });
}
