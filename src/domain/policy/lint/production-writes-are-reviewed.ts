import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';
import { isMoreThanReading, productionEntitlements } from './production.ts';

/** What changes production, or yields credentials for it, is never a single person's decision. */
export function productionWritesAreReviewed(policy: Policy): readonly LintFinding[] {
  return productionEntitlements(policy).flatMap(([name, { review, scope }]) => {
    const risky = scope.find(isMoreThanReading);
    return review !== null || risky === undefined
      ? []
      : [
          error(
            'production-writes-are-reviewed',
            ['entitlements', name, 'review'],
            `\`review: not-required\` stands beside \`${risky.action}\` (${risky.access}) in production: one person alone ` +
              'could do it. Example: `review: [{ people: 1, from: payments-leads }]`.',
          ),
        ];
  });
}
