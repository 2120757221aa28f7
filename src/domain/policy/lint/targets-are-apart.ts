import type { Policy, Target } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** One account or audience in two zones: what was approved for staging would open production. */
export function targetsAreApart(policy: Policy): readonly LintFinding[] {
  const targets = Object.entries(policy.targets);
  return targets.flatMap(([name, target], index) => {
    const twin = targets
      .slice(0, index)
      .find(([, other]) => placeOf(other) === placeOf(target) && other.zone !== target.zone);
    return twin === undefined
      ? []
      : [
          error(
            'targets-are-apart',
            ['targets', name, target.provider === 'aws' ? 'account' : 'audience'],
            `\`${twin[0]}\` is the same place in the zone \`${twin[1].zone}\`: what is approved for one zone would open the ` +
              'other. Give each zone an account or an audience of its own.',
          ),
        ];
  });
}

function placeOf(target: Target): string {
  return target.provider === 'aws' ? `aws ${target.account}` : `token ${target.audience}`;
}
