import type { Entitlement, Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';

/** What nothing names is often a misspelt name elsewhere, or left behind. */
export function everythingIsUsed(policy: Policy): readonly LintFinding[] {
  const entitlements = Object.values(policy.entitlements);
  const targets = [
    ...entitlements.flatMap((entitlement) => entitlement.targets),
    ...policy.emergency_principals.map(({ target }) => target),
  ];
  const eligible = entitlements.flatMap((entitlement) => entitlement.eligible);
  return [
    ...unused('groups', policy.groups, [...groupsNamed(policy), ...eligible]),
    ...unused('workloads', policy.workloads, eligible),
    ...unused('targets', policy.targets, targets),
    ...unused(
      'zones',
      policy.zones,
      Object.values(policy.targets).map(({ zone }) => zone),
    ),
    ...unused(
      'tickets',
      policy.tickets,
      entitlements.map(({ ticket }) => ticket),
    ),
    ...unused(
      'ticket_sources',
      policy.ticket_sources,
      Object.values(policy.tickets).map(({ source }) => source),
    ),
  ];
}

function unused(
  section: string,
  record: Readonly<Record<string, unknown>>,
  named: readonly (string | null)[],
) {
  return Object.keys(record)
    .filter((name) => !named.includes(name))
    .map((name) =>
      warning(
        'everything-is-used',
        [section, name],
        `Nothing uses \`${name}\`. Remove it, or name it where it belongs.`,
      ),
    );
}

function groupsNamed(policy: Policy): readonly string[] {
  return [
    policy.administrators.from,
    ...(policy.auditors === null ? [] : [policy.auditors.from]),
    ...Object.values(policy.zones).map(({ owner }) => owner),
    ...Object.values(policy.workloads).map(({ sponsor }) => sponsor),
    ...Object.values(policy.entitlements).flatMap(reviewersNamed),
    ...(policy.delegates ?? []).map(({ to }) => to),
  ];
}

function reviewersNamed({ review, break_glass }: Entitlement): readonly string[] {
  const stages = (review ?? []).flatMap(({ from, escalate }) =>
    escalate === undefined ? [from] : [from, escalate.to],
  );
  return break_glass === null ? stages : [...stages, break_glass.review.from];
}
