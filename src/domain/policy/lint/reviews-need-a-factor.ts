import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** A review without a second factor is as good as the reviewer's unlocked screen. */
export function reviewsNeedAFactor(policy: Policy): readonly LintFinding[] {
  return policy.factors.review !== 'none'
    ? []
    : [
        error(
          'reviews-need-a-factor',
          ['factors', 'review'],
          'Without a factor a stolen sign-in could approve. Example: `review: totp`.',
        ),
      ];
}
