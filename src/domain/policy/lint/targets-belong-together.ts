import { own } from '../own.ts';
import type { Policy, Target } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** One sign-off for several places: of one zone, whose owner hears of it, and of one provider, whose words the scope speaks. */
export function targetsBelongTogether(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, { targets }]) => {
    const known = targets.flatMap((target, index) => {
      const detail = own(policy.targets, target);
      return detail === undefined ? [] : [{ target, index, detail }];
    });
    const [first, ...others] = known;
    return others.flatMap(({ target, index, detail }) => {
      const message = first === undefined ? undefined : apart(first.target, first.detail, target, detail);
      return message === undefined
        ? []
        : [error('targets-belong-together', ['entitlements', name, 'targets', index], message)];
    });
  });
}

function apart(first: string, one: Target, target: string, other: Target): string | undefined {
  const split = 'Write an entitlement for each: `target: orders-prod`.';
  if (one.zone !== other.zone)
    return `\`${first}\` lies in the zone \`${one.zone}\`, \`${target}\` in \`${other.zone}\`: one sign-off must not open both. ${split}`;
  return one.provider === other.provider
    ? undefined
    : `\`${first}\` is reached by \`${one.provider}\`, \`${target}\` by \`${other.provider}\`: one scope cannot speak to both. ${split}`;
}
