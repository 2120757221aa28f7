import type { Actor } from '../../domain/actor.ts';
import type { FactorKind, Parameter, ResolvedRule, Stage, TicketState } from '../../domain/policy/policy.ts';
import { requesterIsEligible } from '../../domain/request/rules/requester-is-eligible.ts';
import type { Broker } from '../broker.ts';
import { groupsNow } from '../prepared.ts';
import type { ScopeItem } from './grant-view.ts';

export interface CatalogItem {
  readonly entitlement: string;
  readonly role: string;
  readonly targets: readonly string[];
  readonly zone: string;
  readonly provider: 'token' | 'aws';
  readonly scope: readonly ScopeItem[];
  /** What a request fills in: pattern and meaning, by name. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly at_most_seconds: number;
  readonly eligible: boolean;
  /** Why not; null when eligible. */
  readonly because: string | null;
  readonly ticket: {
    readonly project: string;
    readonly state: TicketState;
    readonly requester: 'responder' | 'assignee' | 'anyone';
  } | null;
  readonly review: readonly Stage[] | null;
  /** How far ahead a start may lie; null: nothing is scheduled. */
  readonly schedule_at_most_seconds: number | null;
  readonly break_glass: { readonly at_most_seconds: number } | null;
  readonly factors: { readonly request: FactorKind; readonly review: FactorKind; readonly open: FactorKind };
}

/** All that may be asked for under the policy in force; what the caller is not eligible for, with the reason. */
export async function catalogView(
  broker: Broker,
  actor: Actor,
): Promise<{ readonly policy_digest: string; readonly items: readonly CatalogItem[] }> {
  const known = await broker.policies.inForce();
  const groups = groupsNow(known.policy, actor, broker.clock.nowMs());
  const rules = Object.keys(known.policy.entitlements).map((entitlement) => known.rule(entitlement)?.rule);
  return {
    policy_digest: known.digest,
    items: rules.filter((rule) => rule !== undefined).map((rule) => catalogItem(rule, groups, actor)),
  };
}

function catalogItem(rule: ResolvedRule, groups: readonly string[], actor: Actor): CatalogItem {
  const because = requesterIsEligible.refuses({ rule, groups, actor }) ?? null;
  const { ticket, break_glass: emergency } = rule;
  return {
    entitlement: rule.entitlement,
    role: rule.role,
    targets: Object.keys(rule.targets),
    zone: rule.zone,
    provider: Object.values(rule.targets)[0]?.provider ?? 'token',
    scope: rule.scope,
    parameters: rule.parameters ?? {},
    at_most_seconds: rule.at_most_seconds,
    eligible: because === null,
    because,
    ticket:
      ticket === null ? null : { project: ticket.project, state: ticket.state, requester: ticket.requester },
    review: rule.review,
    schedule_at_most_seconds: rule.waiting.schedule_seconds ?? null,
    break_glass: emergency === null ? null : { at_most_seconds: emergency.at_most_seconds },
    factors: rule.factors,
  };
}
