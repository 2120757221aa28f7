import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';

/** Allowed, because an entitlement may be prepared or closed that way; but seldom meant. */
export function somebodyIsEligible(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements)
    .filter(([, entitlement]) => entitlement.eligible.length === 0)
    .map(([name]) =>
      warning(
        'somebody-is-eligible',
        ['entitlements', name, 'eligible'],
        `Empty means nobody: no one can ask for \`${name}\`. Example: \`eligible: [engineers]\`.`,
      ),
    );
}
