import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** Access without prior sign-off must not last longer than access with it, or it becomes the ordinary way. */
export function breakGlassIsShorter(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements)
    .filter(
      ([, { break_glass, at_most_seconds }]) =>
        break_glass !== null && break_glass.at_most_seconds > at_most_seconds,
    )
    .map(([name]) =>
      error(
        'break-glass-is-shorter',
        ['entitlements', name, 'break_glass', 'at_most_seconds'],
        'Break-glass lasts longer than the entitlement itself: it would be the easier way in. Write at most its `at_most`.',
      ),
    );
}
