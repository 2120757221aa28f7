import type { Policy, ResolvedRule } from '../domain/policy/policy.ts';
import type { Hasher } from '../log/hasher.ts';
import type { Json } from '../log/json.ts';
import { digestOf } from './digest-of.ts';
import { loginsByHuman } from './one-human.ts';
import { resolveRule } from './resolve-rule.ts';
import type { AuditState, PolicyInForce, RuleInForce } from './state.ts';

/** The rule as the policy in force has it, resolved once a policy. undefined: no such entitlement. */
export const ruleInForce = (
  { policy }: AuditState,
  hasher: Hasher,
  entitlement: string,
): RuleInForce | undefined => policy && ruleOf(policy, hasher, entitlement);

/** The same of any policy. */
export function ruleOf(known: PolicyInForce, hasher: Hasher, entitlement: string): RuleInForce | undefined {
  if (known.policy === undefined) return undefined;
  if (!known.rules.has(entitlement))
    known.rules.set(entitlement, resolved(known.policy, hasher, entitlement));
  return known.rules.get(entitlement);
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
