import { lasts } from '../membership.ts';
import { own } from '../own.ts';
import type { Policy } from '../policy.ts';
import { listedHumans } from './deciders.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error } from './finding.ts';

/** A policy that nobody can replace is the last one. */
export function administratorsCanPublish(policy: Policy, { nowMs }: LintOptions): readonly LintFinding[] {
  const { from, publish_needs: needs } = policy.administrators;
  const group = own(policy.groups, from);
  if (group === undefined) return [];
  const humans = lasts(group.until, nowMs) ? listedHumans(policy, [from], nowMs) : new Set<string>();
  return humans === undefined || humans.size >= needs
    ? []
    : [
        error(
          'administrators-can-publish',
          ['administrators', 'from'],
          `Publishing takes ${needs} different humans of \`${from}\`, and it has ${humans.size === 0 ? 'nobody' : `only ${humans.size}`}: nobody could ever ` +
            'change this policy again. Add people to the group: `people: [p-…, p-…]`.',
        ),
      ];
}
