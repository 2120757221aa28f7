import type { Group, Policy, ResolvedRule, Workload } from '../domain/policy/policy.ts';

const named = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/**
 * What a policy says about one entitlement, in the fields and no others that its digest is taken over. undefined: the
 * entitlement is not there, or names something that is not.
 */
export function resolveRule(policy: Policy, name: string): ResolvedRule | undefined {
  const entitlement = named(policy.entitlements, name);
  if (entitlement === undefined) return undefined;
  const target = named(policy.targets, entitlement.target);
  const zone = target && named(policy.zones, target.zone);
  const ticket = entitlement.ticket === null ? null : named(policy.tickets, entitlement.ticket);
  if (target === undefined || zone === undefined || ticket === undefined) return undefined;
  const people = peopleOf(policy, name, zone.owner);
  if (people === undefined) return undefined;
  const { role, scope, eligible, review, at_most_seconds, break_glass } = entitlement;
  return {
    entitlement: name,
    role,
    target: entitlement.target,
    target_detail: target,
    zone: target.zone,
    zone_owner: zone.owner,
    scope,
    eligible,
    ticket,
    review,
    factors: policy.factors,
    waiting: policy.waiting,
    at_most_seconds,
    break_glass,
    ...people,
  };
}

type People = Pick<ResolvedRule, 'groups' | 'workloads'>;

/** Groups and workloads that the entitlement names, with the sponsors of those workloads. */
function peopleOf(policy: Policy, name: string, owner: string): People | undefined {
  const entitlement = policy.entitlements[name];
  const groups: Record<string, Group> = {};
  const workloads: Record<string, Workload> = {};
  const wanted = new Set([owner]);
  for (const who of entitlement?.eligible ?? []) {
    const workload = named(policy.workloads, who);
    wanted.add(workload?.sponsor ?? who);
    if (workload !== undefined) workloads[who] = workload;
  }
  for (const { from } of entitlement?.review ?? []) wanted.add(from);
  if (entitlement?.break_glass != null) wanted.add(entitlement.break_glass.review.from);
  for (const group of wanted) {
    const found = named(policy.groups, group);
    if (found === undefined) return undefined;
    groups[group] = found;
  }
  return { groups, workloads };
}
