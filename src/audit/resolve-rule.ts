import type {
  Delegation,
  Entitlement,
  Group,
  Policy,
  ResolvedRule,
  Target,
  Workload,
} from '../domain/policy/policy.ts';

const named = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/**
 * What a policy says about one entitlement, in the fields and no others that its digest is taken over. undefined: the
 * entitlement is not there, or names something that is not.
 */
export function resolveRule(policy: Policy, name: string): ResolvedRule | undefined {
  const entitlement = named(policy.entitlements, name);
  const place = entitlement && placeOf(policy, entitlement.targets);
  if (entitlement === undefined || place === undefined) return undefined;
  const ticket = entitlement.ticket === null ? null : named(policy.tickets, entitlement.ticket);
  const asked = (entitlement.review ?? []).flatMap(({ from, escalate }) => [from, escalate?.to ?? from]);
  const delegates = (policy.delegates ?? []).filter((delegation) => asked.includes(delegation.for));
  const people = peopleOf(policy, entitlement, [
    place.zone_owner,
    ...asked,
    ...delegates.map(({ to }) => to),
  ]);
  if (ticket === undefined || people === undefined) return undefined;
  const { role, scope, parameters, eligible, review, at_most_seconds, break_glass } = entitlement;
  return {
    entitlement: name,
    role,
    ...place,
    scope,
    ...(parameters && { parameters }),
    eligible,
    ticket,
    review,
    factors: policy.factors,
    waiting: policy.waiting,
    at_most_seconds,
    break_glass,
    ...inPlaceOf(delegates),
    ...people,
  };
}

/** A rule that nobody stands in for does not say so. */
const inPlaceOf = (delegates: readonly Delegation[]) => (delegates.length > 0 ? { delegates } : {});

/** All its targets are of one zone and one provider, or it is no rule. */
function placeOf(policy: Policy, names: readonly string[]) {
  const targets: Record<string, Target> = {};
  for (const name of names) {
    const target = named(policy.targets, name);
    if (target === undefined) return undefined;
    targets[name] = target;
  }
  const [first, ...others] = Object.values(targets);
  const zone = first && named(policy.zones, first.zone);
  if (first === undefined || zone === undefined) return undefined;
  const isOnePlace = others.every((one) => one.zone === first.zone && one.provider === first.provider);
  return isOnePlace ? { targets, zone: first.zone, zone_owner: zone.owner } : undefined;
}

type People = Pick<ResolvedRule, 'groups' | 'workloads'>;

/** Groups and workloads that the entitlement names, with the sponsors of those workloads. */
function peopleOf(policy: Policy, entitlement: Entitlement, further: readonly string[]): People | undefined {
  const groups: Record<string, Group> = {};
  const workloads: Record<string, Workload> = {};
  const wanted = new Set(further);
  for (const who of entitlement.eligible) {
    const workload = named(policy.workloads, who);
    wanted.add(workload?.sponsor ?? who);
    if (workload !== undefined) workloads[who] = workload;
  }
  if (entitlement.break_glass !== null) wanted.add(entitlement.break_glass.review.from);
  for (const group of wanted) {
    const found = named(policy.groups, group);
    if (found === undefined) return undefined;
    // Addresses and hours decide nothing, so the rule leaves them out.
    const { mail: _address, awake: _hours, ...members } = found;
    groups[group] = members;
  }
  return { groups, workloads };
}
