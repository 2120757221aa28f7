import { hex, utf8 } from '../../log/bytes.ts';
import { canonicalize } from '../../log/canonical-json.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { Json } from '../../log/json.ts';
import { own } from './own.ts';
import type { Entitlement, Group, Policy, ResolvedRule, Workload } from './policy.ts';

/**
 * Everything the policy says about one entitlement. undefined when the entitlement does not exist, and also
 * when it names a target, zone, ticket rule, group or workload that does not: a rule with a hole in it admits
 * nobody.
 */
export function resolveRule(policy: Policy, entitlementName: string): ResolvedRule | undefined {
  const entitlement = own(policy.entitlements, entitlementName);
  const target = entitlement && own(policy.targets, entitlement.target);
  const zone = target && own(policy.zones, target.zone);
  if (entitlement === undefined || target === undefined || zone === undefined) {
    return undefined;
  }
  const ticket = ticketOf(policy, entitlement);
  const named = spellOut(policy, entitlement, zone.owner);
  if (ticket === undefined || named === undefined) {
    return undefined;
  }
  return {
    entitlement: entitlementName,
    role: entitlement.role,
    target: entitlement.target,
    target_detail: target,
    zone: target.zone,
    zone_owner: zone.owner,
    scope: entitlement.scope,
    eligible: entitlement.eligible,
    ticket,
    review: entitlement.review,
    factors: policy.factors,
    waiting: policy.waiting,
    at_most_seconds: entitlement.at_most_seconds,
    break_glass: entitlement.break_glass,
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

interface Named {
  readonly groups: Readonly<Record<string, Group>>;
  readonly workloads: Readonly<Record<string, Workload>>;
}

/**
 * The groups and workloads an entitlement names, sponsors among them; undefined when one of them does not
 * exist.
 */
function spellOut(policy: Policy, entitlement: Entitlement, owner: string): Named | undefined {
  const isWorkload = (name: string) => own(policy.workloads, name) !== undefined;
  const workloads = pick(policy.workloads, entitlement.eligible.filter(isWorkload)) ?? {};
  const groups = pick(policy.groups, [
    ...entitlement.eligible.filter((name) => !isWorkload(name)),
    ...(entitlement.review ?? []).map((stage) => stage.from),
    ...(entitlement.break_glass === null ? [] : [entitlement.break_glass.review.from]),
    ...Object.values(workloads).map((workload) => workload.sponsor),
    owner,
  ]);
  return groups && { groups, workloads };
}

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
