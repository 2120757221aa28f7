import { lasts } from '../membership.ts';
import type { Delegation, Policy } from '../policy.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error, warning } from './finding.ts';

const rule = 'delegates-stand-in';
const example =
  'Example: `{ for: payments-leads, to: security-on-call, from: 2026-12-20, until: 2027-01-03 }`.';

/** Whoever stands in is somebody else, for days that are still to come. */
export function delegatesStandIn(policy: Policy, { nowMs }: LintOptions): readonly LintFinding[] {
  const delegates = policy.delegates ?? [];
  const reviewing = new Set(Object.values(policy.entitlements).flatMap(groupsAsked));
  return delegates.flatMap((delegation, index) => {
    const { for: group, to, from, until } = delegation;
    const path = ['delegates', index];
    if (group === to)
      return [
        error(rule, [...path, 'to'], `\`${to}\` cannot stand in for itself. Name another group. ${example}`),
      ];
    if (until < from)
      return [
        error(rule, [...path, 'until'], `It ends on ${until}, before it begins on ${from}. ${example}`),
      ];
    if (!lasts(until, nowMs))
      return [
        warning(
          rule,
          [...path, 'until'],
          `It ended on ${until} and means nobody now. Remove it, or write a later day. ${example}`,
        ),
      ];
    const back = delegates.slice(0, index).find((other) => isWayBack(other, delegation));
    if (back !== undefined)
      return [
        error(
          rule,
          path,
          `\`${group}\` stands in for \`${to}\` on the same days: each would wait for the other. Remove one of them. ${example}`,
        ),
      ];
    return reviewing.has(group)
      ? []
      : [
          warning(
            rule,
            [...path, 'for'],
            `No stage asks \`${group}\`, so nobody has to stand in for it. Name a reviewing group. ${example}`,
          ),
        ];
  });
}

const groupsAsked = ({ review }: Policy['entitlements'][string]): readonly string[] =>
  (review ?? []).flatMap(({ from, escalate }) => (escalate === undefined ? [from] : [from, escalate.to]));

const isWayBack = (one: Delegation, other: Delegation): boolean =>
  one.for === other.to && one.to === other.for && one.from <= other.until && other.from <= one.until;
