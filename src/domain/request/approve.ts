import { type Draft, draft } from '../draft.ts';
import { type GrantId, type RequestId, streams } from '../ids.ts';
import type { Permission, ResolvedRule } from '../policy/policy.ts';

/** Each is one more access to end and to account for; an incident has fewer than this. */
export const GRANTS_ALLOWED = 50;

/**
 * The entries that make a request its grants, one for each person on each target, in the order they were asked for:
 * written in the same commit as what completed it.
 */
export function approvedDrafts(input: {
  readonly request: RequestId;
  /** Fresh ids, at least one for each grant. */
  readonly grants: readonly GrantId[];
  readonly people: readonly string[];
  readonly targets: readonly string[];
  readonly rule: ResolvedRule;
  readonly policyDigest: string;
  readonly ruleDigest: string;
  readonly scope: readonly Permission[];
  readonly seconds: number;
  readonly startMs: number | null;
  readonly nowMs: number;
}): readonly Draft[] {
  const startsAtMs = input.startMs !== null && input.startMs > input.nowMs ? input.startMs : null;
  const usableFromMs = startsAtMs ?? input.nowMs;
  const places = input.people.flatMap((person) => input.targets.map((target) => ({ person, target })));
  return places.map(({ person, target }, at) => {
    const grant = input.grants[at];
    if (grant === undefined) throw new Error(`${places.length} grants need as many ids`);
    return draft('countersign.request.approved.v1', streams.request(input.request), input.request, {
      request: input.request,
      grant,
      person,
      target,
      policy_digest: input.policyDigest,
      rule_digest: input.ruleDigest,
      scope: [...input.scope],
      seconds: input.seconds,
      starts_at_ms: startsAtMs,
      activate_by_ms: usableFromMs + input.rule.waiting.activation_seconds * 1000,
    });
  });
}
