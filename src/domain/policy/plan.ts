import { canonicalize } from '../../log/canonical-json.ts';
import type { Json } from '../../log/json.ts';
import { own } from './own.ts';
import type { Permission, Policy, ResolvedRule } from './policy.ts';
import { resolveRule } from './resolve.ts';
import { compareText } from './scope-order.ts';

/**
 * What publishing one policy over another does, small enough to be signed: who gains and who loses which
 * entitlement. Equal policies have an empty plan. All lists are sorted; nothing but JSON values.
 */
export interface PolicyPlan {
  /** One for each entitlement whose resolved rule differs. */
  readonly changes: readonly EntitlementChange[];
  /** Names of groups that were added, removed, or now mean other people. */
  readonly groups: readonly string[];
  /** Top-level parts of the policy that differ. */
  readonly sections: readonly string[];
  /** Who may publish, or how many it takes, or the meaning of their group. */
  readonly administrators_changed: boolean;
  readonly auditors_changed: boolean;
}

export interface EntitlementChange {
  readonly entitlement: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /**
   * Groups and workloads that can ask now and could not before. One that now means others both gains and
   * loses.
   */
  readonly gains: readonly string[];
  readonly loses: readonly string[];
  /** How many permissions its scope gains and loses; one whose access changed counts in both. */
  readonly permissions_gained: number;
  readonly permissions_lost: number;
  /** Fields of the resolved rule that differ. Empty unless the kind is `changed`. */
  readonly fields: readonly string[];
}

/** `before` is null for the first policy. */
export function planPolicy(before: Policy | null, after: Policy): PolicyPlan {
  const names = sortedUnion(before?.entitlements, after.entitlements);
  return {
    changes: names.flatMap((name) => changeOf(before, after, name)),
    groups: differing(before?.groups, after.groups),
    sections: differing(before ?? {}, after),
    administrators_changed: spellOffice(before, 'administrators') !== spellOffice(after, 'administrators'),
    auditors_changed: spellOffice(before, 'auditors') !== spellOffice(after, 'auditors'),
  };
}

function changeOf(before: Policy | null, after: Policy, entitlement: string): readonly EntitlementChange[] {
  const old = before === null ? undefined : resolveRule(before, entitlement);
  const next = resolveRule(after, entitlement);
  const fields = differing(old ?? {}, next ?? {});
  if (fields.length === 0) {
    return [];
  }
  const [oldScope, nextScope] = [spellEach(old?.scope), spellEach(next?.scope)];
  const [oldEligible, nextEligible] = [meanings(old), meanings(next)];
  return [
    {
      entitlement,
      kind: old === undefined ? 'added' : next === undefined ? 'removed' : 'changed',
      gains: notIn(nextEligible, oldEligible),
      loses: notIn(oldEligible, nextEligible),
      permissions_gained: [...nextScope].filter((permission) => !oldScope.has(permission)).length,
      permissions_lost: [...oldScope].filter((permission) => !nextScope.has(permission)).length,
      fields: old !== undefined && next !== undefined ? fields : [],
    },
  ];
}

/** Each eligible name with what it means, so that a group that now means other people is seen to change. */
function meanings(rule: ResolvedRule | undefined): ReadonlyMap<string, string> {
  return new Map(
    (rule?.eligible ?? []).map((name) => [
      name,
      spell(rule && (own(rule.workloads, name) ?? own(rule.groups, name))),
    ]),
  );
}

function notIn(some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): readonly string[] {
  return [...some]
    .filter(([name, meaning]) => others.get(name) !== meaning)
    .map(([name]) => name)
    .sort(compareText);
}

function spellEach(scope: readonly Permission[] | undefined): ReadonlySet<string> {
  return new Set((scope ?? []).map(spell));
}

/** An office together with the meaning of the group it is filled from. */
function spellOffice(policy: Policy | null, office: 'administrators' | 'auditors'): string {
  const holder = policy?.[office] ?? null;
  const group = policy && holder && own(policy.groups, holder.from);
  return spell({ holder, group: group ?? null });
}

/** Names of the members that differ in value, or that only one side has. */
function differing(before: object | undefined, after: object): readonly string[] {
  const [old, next] = [before ?? {}, after].map((record) => new Map(Object.entries(record)));
  return sortedUnion(before, after).filter((name) => spell(old?.get(name)) !== spell(next?.get(name)));
}

function sortedUnion(before: object | undefined, after: object): readonly string[] {
  return [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])].sort(compareText);
}

/** RFC 8785; what is not there is spelled as nothing, which no value is. */
function spell(value: unknown): string {
  if (value === undefined) {
    return '';
  }
  const json: Json = JSON.parse(JSON.stringify(value));
  return canonicalize(json);
}
