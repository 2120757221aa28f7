import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { confirmedIfNothingLives } from './end.ts';
import { type RevokeRight, revokerIsEntitled } from './rules/revoker-is-entitled.ts';
import type { GrantState, RequestState } from './state.ts';
import { grantStatus, isLive } from './status.ts';

/** Why this person may revoke this grant; undefined: they may not. */
export function revokeRight(input: {
  readonly actor: Actor;
  readonly groups: readonly string[];
  readonly state: RequestState;
  readonly rule: ResolvedRule | undefined;
  readonly administrators: string;
}): RevokeRight | undefined {
  const { actor, groups, state, rule, administrators } = input;
  if (actor.kind !== 'human') return undefined;
  const reviewed = state.reviews.some((review) => review.reviewer === actor.person);
  const reviewerGroups = [
    ...state.stages.flatMap(({ from, escalate }) => (escalate === null ? [from] : [from, escalate.to])),
    ...(rule?.break_glass ? [rule.break_glass.review.from] : []),
  ];
  if (reviewed || reviewerGroups.some((group) => groups.includes(group))) return 'reviewer';
  if (rule !== undefined && groups.includes(rule.zone_owner)) return 'zone-owner';
  return groups.includes(administrators) ? 'administrator' : undefined;
}

export const revokingRules: readonly Rule<{ readonly right: RevokeRight | undefined }>[] = [
  revokerIsEntitled,
];

interface RevokeInput {
  readonly actor: Actor;
  readonly groups: readonly string[];
  readonly state: RequestState;
  readonly grant: GrantState;
  readonly right: RevokeRight | undefined;
  readonly channel: string;
  readonly reason: string;
  readonly refusals: RefusalsState;
  readonly nowMs: number;
}

/** Somebody takes the access away. No factor: stopping is never made slower than starting. */
export function decideRevoke(input: RevokeInput, rules = revokingRules): Judgement {
  const { actor, state, grant, right, nowMs } = input;
  const broken = firstBroken(rules, { right });
  if (broken !== undefined) return refuse({ ...input, attempted: 'revoke', about: grant.grant }, broken);
  if (right === undefined || state.request === null)
    return { events: [], refusal: new Failure('not-found', 'There is no such grant.') };
  const status = grantStatus(grant, nowMs);
  if (!isLive(status)) {
    return { events: [], refusal: new Failure('conflict', `This grant is ${status} already.`) };
  }
  const requested = draft(
    'countersign.grant.revoke-requested.v1',
    streams.request(state.request),
    grant.grant,
    {
      request: state.request,
      grant: grant.grant,
      person: actor.person,
      right,
      channel: input.channel,
      groups: [...input.groups],
    },
    { reason: input.reason },
  );
  return { events: [requested, ...confirmedIfNothingLives(state, grant, nowMs, nowMs)] };
}
