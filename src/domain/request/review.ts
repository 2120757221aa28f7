import { draft } from '../draft.ts';
import { type GrantId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { type FactorStates, type Shown, spendFactor } from '../person/show-factor.ts';
import { commonScope } from '../policy/narrow.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { firstBroken } from '../rule.ts';
import { approvedDrafts } from './approve.ts';
import { remaining } from './remaining.ts';
import type { ReviewContext } from './review-context.ts';
import { reviewingRules } from './rules/reviewing.ts';
import { currentStage, reviewRight } from './stage.ts';
import type { RequestState } from './state.ts';
import { stepUpNeeded } from './submit.ts';
import { ticketCheckedDrafts } from './ticket-checked.ts';

export interface ReviewInput extends ReviewContext {
  /** Fresh ids, as many as it may become grants. */
  readonly grants: readonly GrantId[];
  readonly statementDigest: string;
  readonly reason: string | null;
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
}

/** One person decides. Yields the review and, when it completes the last stage, the grants. */
export function decideReview(input: ReviewInput, rules = reviewingRules): Judgement {
  const { state, actor, statement, nowMs } = input;
  const request = state.request;
  const broken = firstBroken(rules, { ...input, nonces: state.nonces });
  if (broken !== undefined || request === null) {
    return refuse(
      { ...input, attempted: 'review', about: request },
      broken ?? { rule: 'request-is-pending', because: 'There is no such request.' },
    );
  }
  const { shown } = input;
  if (shown.kind === 'nothing') {
    const refusal = stepUpNeeded('a review is signed with one', input.rule?.factors.review);
    return { events: [], refusal };
  }
  const about = input.statementDigest;
  const spent = spendFactor({
    actor,
    shown,
    states: input.factorStates,
    purpose: 'review',
    about,
    signable: { statement, digest: about },
    nowMs,
  });
  if ('refused' in spent) return spent.refused;
  const reviewed = draft(
    'countersign.request.reviewed.v1',
    streams.request(request),
    request,
    {
      request,
      reviewer: actor.person,
      stage: statement.stage,
      verdict: statement.verdict,
      right: rightOf(input),
      groups: [...input.groups],
      policy_digest: input.policyDigest,
      rule_digest: state.ruleDigest,
      scope: [...statement.scope],
      seconds: statement.seconds,
      statement,
      statement_digest: input.statementDigest,
      proof: spent.proof,
    },
    { reason: input.reason },
  );
  const tickets = ticketCheckedDrafts(request, 'review', input.tickets);
  return { events: [...tickets, spent.spent, reviewed, ...completion(input, input.rule)] };
}

/** The rules let nobody get here without one. */
function rightOf({ state, rule, groups, nowMs }: ReviewInput) {
  const stage = currentStage(state);
  const right = stage && reviewRight(stage, groups, rule?.delegates ?? [], nowMs);
  return right ?? 'stage';
}

/** The grant is the intersection of all signed scopes and the least of all durations. */
function completion(input: ReviewInput, rule: ResolvedRule | undefined) {
  const { state, statement, ruleDigest } = input;
  if (statement.verdict !== 'approve' || !completesLastStage(state) || state.request === null) return [];
  if (rule === undefined || ruleDigest === null) return [];
  const left = remaining(state);
  return approvedDrafts({
    request: state.request,
    grants: input.grants,
    people: state.people,
    targets: state.targets,
    rule,
    policyDigest: input.policyDigest,
    ruleDigest,
    scope: commonScope(left.scope, statement.scope),
    seconds: Math.min(left.seconds, statement.seconds),
    startMs: state.startMs,
    nowMs: input.nowMs,
  });
}

function completesLastStage(state: RequestState): boolean {
  const stage = currentStage(state);
  return stage !== undefined && stage.stage === state.stages.length - 1 && stage.have + 1 >= stage.people;
}
