import { own } from '../own.ts';
import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';

/** A group is written to at its `mail`; without one nobody is told by e-mail. */
export function mailHasAnAddress(policy: Policy): readonly LintFinding[] {
  const told = [
    ...(policy.notify?.zone_owners?.includes('email') ? zoneOwners(policy) : []),
    ...(policy.notify?.reviewers?.includes('email') ? reviewers(policy) : []),
    ...(policy.notify?.administrators?.includes('email') ? [policy.administrators.from] : []),
  ];
  return [...new Set(told)]
    .filter((name) => own(policy.groups, name)?.mail === undefined && own(policy.groups, name) !== undefined)
    .map((name) =>
      warning(
        'mail-has-an-address',
        ['groups', name],
        `\`notify\` says that \`${name}\` is told by e-mail, and it has no address. Example: \`mail: ${name}@example.com\`.`,
      ),
    );
}

const zoneOwners = (policy: Policy): readonly string[] =>
  Object.values(policy.zones).map(({ owner }) => owner);

const reviewers = (policy: Policy): readonly string[] =>
  Object.values(policy.entitlements).flatMap(({ review, break_glass }) => [
    ...(review ?? []).flatMap(({ from, escalate }) =>
      escalate === undefined ? [from] : [from, escalate.to],
    ),
    ...(break_glass === null ? [] : [break_glass.review.from]),
  ]);
