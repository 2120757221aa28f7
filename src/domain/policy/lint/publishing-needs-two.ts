import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** Whoever can publish alone can give themselves anything. */
export function publishingNeedsTwo(policy: Policy): readonly LintFinding[] {
  return policy.administrators.publish_needs >= 2
    ? []
    : [
        error(
          'publishing-needs-two',
          ['administrators', 'publish_needs'],
          'One administrator alone could rewrite every rule. Example: `publish_needs: 2`.',
        ),
      ];
}
