import { type Draft, draft } from '../draft.ts';
import { type GrantId, type RequestId, streams } from '../ids.ts';
import type { Permission, ResolvedRule } from '../policy/policy.ts';

/** The entry that makes a request a grant: written in the same commit as what completed it. */
export function approvedDraft(input: {
  readonly request: RequestId;
  readonly grant: GrantId;
  readonly person: string;
  readonly rule: ResolvedRule;
  readonly policyDigest: string;
  readonly ruleDigest: string;
  readonly scope: readonly Permission[];
  readonly seconds: number;
  readonly nowMs: number;
}): Draft {
  return draft('countersign.request.approved.v1', streams.request(input.request), input.request, {
    request: input.request,
    grant: input.grant,
    person: input.person,
    target: input.rule.target,
    policy_digest: input.policyDigest,
    rule_digest: input.ruleDigest,
    scope: [...input.scope],
    seconds: input.seconds,
    activate_by_ms: input.nowMs + input.rule.waiting.activation_seconds * 1000,
  });
}
