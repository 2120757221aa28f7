import type { Policy, ResolvedRule } from '../domain/policy/policy.ts';
import type { Hasher } from '../log/hasher.ts';
import type { Json } from '../log/json.ts';
import { digestOf } from './digest-of.ts';
import { loginsByHuman } from './one-human.ts';
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
  logins: loginsByHuman(policy),
});

function resolved(policy: Policy, hasher: Hasher, entitlement: string): RuleInForce | undefined {
  const rule = resolveRule(policy, entitlement);
  const digest = rule && digestOf(hasher, asJson(rule));
  return rule === undefined || digest === undefined ? undefined : { rule, digest };
}

/** An interface has no index signature, so it is no Json to the compiler; policy-shape.ts saw that it holds nothing else. */
const asJson = (rule: ResolvedRule): Json => rule as unknown as Json;
