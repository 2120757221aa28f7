import type { Policy } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import type { Hearing } from '../hearing.ts';
import { putInForce, ruleOf } from '../rule-in-force.ts';

type Proposed = JudgedEntry<'countersign.policy.proposed.v1'>;
type Change = Proposed['data']['plan']['changes'][number];

/**
 * Why a plan hides something: it must tell of each entitlement whose rule the policy adds, takes away or changes, with
 * every group and workload that may ask from then on, or no more; and of another way to publish.
 */
export function hides({ data }: Proposed, _: object, { state, hasher }: Hearing): string | undefined {
  const after = state.attachedPolicies.get(data.to_digest);
  const before = state.policy;
  // A policy that did not come along was found missing where it is named.
  if (after === undefined || (before !== undefined && before.policy === undefined)) return undefined;
  const next = putInForce(data.to_digest, after);
  const names = new Set([
    ...Object.keys(before?.policy?.entitlements ?? {}),
    ...Object.keys(after.entitlements),
  ]);
  for (const name of names) {
    const was = before && ruleOf(before, hasher, name);
    const will = ruleOf(next, hasher, name);
    if (was?.digest === will?.digest) continue;
    const told = data.plan.changes.find(({ entitlement }) => entitlement === name);
    if (told === undefined) return `it says nothing of ${name}`;
    const why = hiddenChange(told, was?.rule.eligible ?? [], will?.rule.eligible ?? []);
    if (why !== undefined) return `of ${name} it does not say that ${why}`;
  }
  return hiddenOffice(data.plan, before?.policy, after);
}

function hiddenChange(told: Change, was: readonly string[], will: readonly string[]): string | undefined {
  const gains = will.find((who) => !was.includes(who) && !told.gains.includes(who));
  if (gains !== undefined) return `${gains} may ask for it`;
  const loses = was.find((who) => !will.includes(who) && !told.loses.includes(who));
  return loses && `${loses} may ask for it no more`;
}

function hiddenOffice(
  plan: Proposed['data']['plan'],
  was: Policy | undefined,
  will: Policy,
): string | undefined {
  const { from, publish_needs } = will.administrators;
  const differs = was?.administrators.from !== from || was.administrators.publish_needs !== publish_needs;
  return differs && !plan.administrators_changed ? 'it says nothing of who may publish' : undefined;
}
