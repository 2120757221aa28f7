import { canonicalize } from '../../log/canonical-json.ts';
import type { Json } from '../../log/json.ts';
import { own } from './own.ts';
import { policyDifferences } from './plan/compare-policies.ts';
import { ruleDifferences } from './plan/compare-rules.ts';
import type { Difference } from './plan/difference.ts';
import { fitPlan } from './plan/fit-plan.ts';
import { knownPeople, type SeenPerson, whoIsIn, whoMayAsk } from './plan/people-touched.ts';
import type {
  ActionsOfAccess,
  EntitlementChange,
  Lapses,
  PeopleTouched,
  PolicyPlan,
} from './plan/policy-plan.ts';
import type { Group, Permission, Policy, ResolvedRule } from './policy.ts';
import { resolveRule } from './resolve.ts';
import { accessFromLeastToMost, compareText } from './scope-order.ts';

/** What is known outside the two policies. */
export interface PlanFacts {
  readonly nowMs: number;
  /** Everybody who has signed in; null: not known here. */
  readonly seen: readonly SeenPerson[] | null;
  /** False: they were too many, and only the newest are there. */
  readonly isSeenWhole: boolean;
  /** Pending requests and live grants, with the entitlement each is of; null: not known here. */
  readonly open: readonly OpenWork[] | null;
  readonly catalogue: string | null;
}

export interface OpenWork {
  readonly kind: 'request' | 'grant';
  readonly id: string;
  readonly entitlement: string;
}

const nothingKnown: PlanFacts = { nowMs: 0, seen: null, isSeenWhole: false, open: null, catalogue: null };

/** `before` is null for the first policy. */
export function planPolicy(
  before: Policy | null,
  after: Policy,
  facts: PlanFacts = nothingKnown,
): PolicyPlan {
  const people = knownPeople([before, after], facts.seen ?? []);
  const context = { before, after, people, nowMs: facts.nowMs };
  const names = sortedUnion(before?.entitlements, after.entitlements);
  const changes = names.flatMap((name) => changeOf(context, name));
  const differences = before === null ? [] : policyDifferences(before, after);
  return fitPlan({
    changes,
    groups: differing(membersOf(before), membersOf(after)),
    sections: differing(before ?? {}, after),
    administrators_changed: spellOffice(before, 'administrators') !== spellOffice(after, 'administrators'),
    auditors_changed: spellOffice(before, 'auditors') !== spellOffice(after, 'auditors'),
    administrators: officeTouched(context, 'administrators'),
    auditors: officeTouched(context, 'auditors'),
    ...told(differences),
    people_known: peopleKnown(facts),
    lapses: facts.open === null ? null : lapsesOf(changes, facts.open),
    catalogue: facts.catalogue,
  });
}

function peopleKnown({ seen, isSeenWhole }: PlanFacts): PolicyPlan['people_known'] {
  if (seen === null) return 'listed';
  return isSeenWhole ? 'listed-and-seen' : 'listed-and-newest-seen';
}

interface PlanContext {
  readonly before: Policy | null;
  readonly after: Policy;
  readonly people: readonly SeenPerson[];
  readonly nowMs: number;
}

function changeOf(context: PlanContext, entitlement: string): readonly EntitlementChange[] {
  const { before, after, people, nowMs } = context;
  const old = before === null ? undefined : resolveRule(before, entitlement);
  const next = resolveRule(after, entitlement);
  const fields = differing(old ?? {}, next ?? {});
  if (fields.length === 0) {
    return [];
  }
  const [gained, lost] = [permissionsNotIn(next, old), permissionsNotIn(old, next)];
  const [oldEligible, nextEligible] = [meanings(old), meanings(next)];
  return [
    {
      entitlement,
      kind: old === undefined ? 'added' : next === undefined ? 'removed' : 'changed',
      gains: notIn(nextEligible, oldEligible),
      loses: notIn(oldEligible, nextEligible),
      people: peopleTouched(whoMayAsk(old, people, nowMs), whoMayAsk(next, people, nowMs)),
      permissions_gained: gained.length,
      permissions_lost: lost.length,
      actions_gained: byAccess(gained),
      actions_lost: byAccess(lost),
      ...told(old === undefined || next === undefined ? [] : ruleDifferences(old, next)),
      fields: old !== undefined && next !== undefined ? fields : [],
    },
  ];
}

function peopleTouched(before: ReadonlySet<string>, after: ReadonlySet<string>): PeopleTouched {
  const gain = [...after].filter((person) => !before.has(person));
  const lose = [...before].filter((person) => !after.has(person));
  return { gain_count: gain.length, lose_count: lose.length, gain, lose };
}

function officeTouched(context: PlanContext, office: 'administrators' | 'auditors'): PeopleTouched {
  const { before, after, people, nowMs } = context;
  const holders = (policy: Policy | null) => whoIsIn(policy, policy?.[office]?.from, people, nowMs);
  return peopleTouched(holders(before), holders(after));
}

const told = (differences: readonly Difference[]) => ({
  loosened: differences.filter(({ way }) => way === 'looser').map(({ says }) => says),
  tightened: differences.filter(({ way }) => way === 'tighter').map(({ says }) => says),
});

function permissionsNotIn(
  some: ResolvedRule | undefined,
  others: ResolvedRule | undefined,
): readonly Permission[] {
  const known = new Set((others?.scope ?? []).map(spell));
  return (some?.scope ?? []).filter((permission) => !known.has(spell(permission)));
}

function byAccess(permissions: readonly Permission[]): readonly ActionsOfAccess[] {
  return accessFromLeastToMost.flatMap((access) => {
    const named = permissions.filter((permission) => permission.access === access);
    const actions = [...new Set(named.map(({ action }) => action))].sort(compareText);
    return actions.length === 0 ? [] : [{ access, count: actions.length, actions }];
  });
}

/** A changed rule takes back what was approved under the old one; the holder asks again. */
function lapsesOf(changes: readonly EntitlementChange[], open: readonly OpenWork[]): Lapses {
  const changed = new Set(changes.map(({ entitlement }) => entitlement));
  const idsOf = (kind: OpenWork['kind']) =>
    open
      .filter((work) => work.kind === kind && changed.has(work.entitlement))
      .map(({ id }) => id)
      .sort(compareText);
  const [requests, grants] = [idsOf('request'), idsOf('grant')];
  return { request_count: requests.length, grant_count: grants.length, requests, grants };
}

/** Each eligible name with what it means, so that a group that now means other people is seen to change. */
function meanings(rule: ResolvedRule | undefined): ReadonlyMap<string, string> {
  return new Map(
    (rule?.eligible ?? []).map((name) => [
      name,
      spell(rule && (own(rule.workloads, name) ?? whoIsMeant(own(rule.groups, name)))),
    ]),
  );
}

/** Who a group is, without where it is written to and when it is awake: those let nobody in. */
function whoIsMeant(group: Group | undefined): Omit<Group, 'mail' | 'awake'> | undefined {
  if (group === undefined) return undefined;
  const { mail: _mail, awake: _awake, ...who } = group;
  return who;
}

const membersOf = (policy: Policy | null): object =>
  Object.fromEntries(Object.entries(policy?.groups ?? {}).map(([name, group]) => [name, whoIsMeant(group)]));

function notIn(some: ReadonlyMap<string, string>, others: ReadonlyMap<string, string>): readonly string[] {
  return [...some]
    .filter(([name, meaning]) => others.get(name) !== meaning)
    .map(([name]) => name)
    .sort(compareText);
}

/** An office together with the meaning of the group it is filled from. */
function spellOffice(policy: Policy | null, office: 'administrators' | 'auditors'): string {
  const holder = policy?.[office] ?? null;
  const group = policy && holder && own(policy.groups, holder.from);
  return spell({ holder, group: whoIsMeant(group ?? undefined) ?? null });
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
