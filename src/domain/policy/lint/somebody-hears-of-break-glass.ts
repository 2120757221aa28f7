import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';

/** Access without prior sign-off is bearable because somebody hears of it while it lasts. */
export function somebodyHearsOfBreakGlass(policy: Policy): readonly LintFinding[] {
  const { zone_owners: owners = [], reviewers = [] } = policy.notify ?? {};
  if (owners.length > 0 || reviewers.length > 0) return [];
  return Object.entries(policy.entitlements)
    .filter(([, { break_glass }]) => break_glass !== null)
    .slice(0, 1)
    .map(([name]) =>
      warning(
        'somebody-hears-of-break-glass',
        ['entitlements', name, 'break_glass'],
        `Nobody is told when the glass is broken for \`${name}\`: it stands in a list until somebody looks. Example: \`notify: { zone-owners: [email], reviewers: [email, webhook] }\`.`,
      ),
    );
}
