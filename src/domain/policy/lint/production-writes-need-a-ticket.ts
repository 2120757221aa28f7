import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';
import { isMoreThanReading, productionEntitlements } from './production.ts';

/** Without a ticket nobody can later say what the change was for. */
export function productionWritesNeedATicket(policy: Policy): readonly LintFinding[] {
  return productionEntitlements(policy).flatMap(([name, { ticket, scope }]) => {
    const risky = scope.find(isMoreThanReading);
    return ticket !== null || risky === undefined
      ? []
      : [
          warning(
            'production-writes-need-a-ticket',
            ['entitlements', name, 'ticket'],
            `\`ticket: not-required\` stands beside \`${risky.action}\` (${risky.access}) in production: the log will not ` +
              'show what it was for. Example: `ticket: incident`.',
          ),
        ];
  });
}
