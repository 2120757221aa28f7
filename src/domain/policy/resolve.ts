import { hex, utf8 } from '../../log/bytes.ts';
import { canonicalize } from '../../log/canonical-json.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { Json } from '../../log/json.ts';
import { own } from './own.ts';
import type { Delegation, Entitlement, Group, Policy, ResolvedRule, Target, Workload } from './policy.ts';

/**
 * Everything the policy says about one entitlement. undefined when the entitlement does not exist, and also
 * when it names a target, zone, ticket rule, group or workload that does not: a rule with a hole in it admits
 * nobody.
 */
export function resolveRule(policy: Policy, entitlementName: string): ResolvedRule | undefined {
  const entitlement = own(policy.entitlements, entitlementName);
  const targets = entitlement && pick(policy.targets, entitlement.targets);
  const zoneName = targets && commonZone(Object.values(targets));
  const zone = zoneName === undefined ? undefined : own(policy.zones, zoneName);
  if (entitlement === undefined || targets === undefined || zoneName === undefined || zone === undefined) {
    return undefined;
  }
  const ticket = ticketOf(policy, entitlement);
  const delegates = delegatesOf(policy, entitlement);
  const named = spellOut(policy, entitlement, zone.owner, delegates);
  if (ticket === undefined || named === undefined) {
    return undefined;
  }
  return {
    entitlement: entitlementName,
    role: entitlement.role,
    targets,
    zone: zoneName,
    zone_owner: zone.owner,
    scope: entitlement.scope,
    ...(entitlement.parameters === undefined ? {} : { parameters: entitlement.parameters }),
    eligible: entitlement.eligible,
    ticket,
    review: entitlement.review,
    factors: policy.factors,
    waiting: policy.waiting,
    at_most_seconds: entitlement.at_most_seconds,
    break_glass: entitlement.break_glass,
    ...(delegates.length === 0 ? {} : { delegates }),
    groups: named.groups,
    workloads: named.workloads,
  };
}

/** `sha256:` and 64 hex digits, over the rule's RFC 8785 form. */
export function ruleDigest(hasher: Hasher, rule: ResolvedRule): string {
  return digest(hasher, canonicalText(rule));
}

/** `sha256:` and 64 hex digits, over `policyCanonicalText`: the digest in the log and in every statement. */
export function policyDigest(hasher: Hasher, policy: Policy): string {
  return digest(hasher, policyCanonicalText(policy));
}

/** The policy's RFC 8785 form, kept as an attachment beside the text that people wrote. */
export function policyCanonicalText(policy: Policy): string {
  return canonicalText(policy);
}

function digest(hasher: Hasher, text: string): string {
  return `sha256:${hex(hasher.sha256(utf8(text)))}`;
}

function canonicalText(value: Policy | ResolvedRule): string {
  // An interface has no index signature, so it is not assignable to Json; the round trip also shows it holds
  // nothing else.
  const json: Json = JSON.parse(JSON.stringify(value));
  return canonicalize(json);
}

/** null: no ticket is required; undefined: one is, and its rule is missing. */
function ticketOf(policy: Policy, entitlement: Entitlement) {
  return entitlement.ticket === null ? null : own(policy.tickets, entitlement.ticket);
}

/** One zone and one kind of provider, or a scope would mean two things. */
function commonZone(targets: readonly Target[]): string | undefined {
  const [first] = targets;
  return first !== undefined &&
    targets.every(({ zone, provider }) => zone === first.zone && provider === first.provider)
    ? first.zone
    : undefined;
}

const reviewingGroups = (entitlement: Entitlement): readonly string[] =>
  (entitlement.review ?? []).flatMap(({ from, escalate }) =>
    escalate === undefined ? [from] : [from, escalate.to],
  );

function delegatesOf(policy: Policy, entitlement: Entitlement): readonly Delegation[] {
  const groups = reviewingGroups(entitlement);
  return (policy.delegates ?? []).filter((delegation) => groups.includes(delegation.for));
}

interface Named {
  readonly groups: Readonly<Record<string, Group>>;
  readonly workloads: Readonly<Record<string, Workload>>;
}

/**
 * The groups and workloads an entitlement names, sponsors among them; undefined when one of them does not
 * exist.
 */
function spellOut(
  policy: Policy,
  entitlement: Entitlement,
  owner: string,
  delegates: readonly Delegation[],
): Named | undefined {
  const isWorkload = (name: string) => own(policy.workloads, name) !== undefined;
  const workloads = pick(policy.workloads, entitlement.eligible.filter(isWorkload)) ?? {};
  const groups = pick(policy.groups, [
    ...entitlement.eligible.filter((name) => !isWorkload(name)),
    ...reviewingGroups(entitlement),
    ...delegates.map(({ to }) => to),
    ...(entitlement.break_glass === null ? [] : [entitlement.break_glass.review.from]),
    ...Object.values(workloads).map((workload) => workload.sponsor),
    owner,
  ]);
  return groups && { groups: withoutAddresses(groups), workloads };
}

/** Where a group is written to and when it is awake decides nothing: changing it ends no approval. */
const withoutAddresses = (groups: Readonly<Record<string, Group>>): Record<string, Group> =>
  Object.fromEntries(Object.entries(groups).map(([name, { mail: _, awake: __, ...group }]) => [name, group]));

function pick<T>(
  record: Readonly<Record<string, T>>,
  names: readonly string[],
): Record<string, T> | undefined {
  const picked: [string, T][] = [];
  for (const name of new Set(names)) {
    const value = own(record, name);
    if (value === undefined) {
      return undefined;
    }
    picked.push([name, value]);
  }
  return Object.fromEntries(picked);
}
