import type { Policy, ResolvedRule } from '../domain/policy/policy.ts';
import type { Hasher } from '../log/hasher.ts';
import type { Json } from '../log/json.ts';
import { digestOf } from './digest-of.ts';
import { resolveRule } from './resolve-rule.ts';
import type { AuditState, PolicyInForce, RuleInForce } from './state.ts';

/** The rule as the policy in force has it, resolved once a policy. undefined: no such entitlement. */
export function ruleInForce(state: AuditState, hasher: Hasher, entitlement: string): RuleInForce | undefined {
  const { policy } = state;
  if (policy?.policy === undefined) return undefined;
  if (!policy.rules.has(entitlement))
    policy.rules.set(entitlement, resolved(policy.policy, hasher, entitlement));
  return policy.rules.get(entitlement);
}

export const putInForce = (digest: string, policy: Policy | undefined): PolicyInForce => ({
  digest,
  policy,
  rules: new Map(),
});

function resolved(policy: Policy, hasher: Hasher, entitlement: string): RuleInForce | undefined {
  const rule = resolveRule(policy, entitlement);
  const digest = rule && digestOf(hasher, asJson(rule));
  return rule === undefined || digest === undefined ? undefined : { rule, digest };
}

/** An interface has no index signature, so it is no Json to the compiler; policy-shape.ts saw that it holds nothing else. */
const asJson = (rule: ResolvedRule): Json => rule as unknown as Json;

/** Names of those groups which are not over by then: a group means nobody after its last day (UTC). */
export function lastingGroups(
  policy: Pick<Policy, 'groups'>,
  groups: readonly string[],
  atMs: number,
): readonly string[] {
  return groups.filter((name) => {
    const until = Object.hasOwn(policy.groups, name) ? policy.groups[name]?.until : null;
    return until == null || atMs < Date.parse(`${until}T00:00:00.000Z`) + 86_400_000;
  });
}
