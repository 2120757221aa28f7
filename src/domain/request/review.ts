import { draft } from '../draft.ts';
import { type GrantId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { type FactorStates, type Shown, spendFactor } from '../person/show-factor.ts';
import { commonScope } from '../policy/narrow.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { firstBroken } from '../rule.ts';
import { approvedDraft } from './approve.ts';
import { remaining } from './remaining.ts';
import type { ReviewContext } from './review-context.ts';
import { reviewingRules } from './rules/reviewing.ts';
import type { RequestState } from './state.ts';
import { currentStage } from './status.ts';
import { passkeyNeeded, stepUpNeeded } from './submit.ts';
import { ticketCheckedDraft } from './ticket-checked.ts';

export interface ReviewInput extends ReviewContext {
  readonly grant: GrantId;
  readonly statementDigest: string;
  readonly reason: string | null;
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
}

/** One person decides. Yields the review and, when it completes the last stage, the grant. */
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
  if (input.rule?.factors.review === 'passkey') return { events: [], refusal: passkeyNeeded() };
  if (shown.kind === 'nothing') return { events: [], refusal: stepUpNeeded('a review is signed with one') };
  const signed =
    shown.kind === 'right' && shown.factor !== statement.factor ? ({ kind: 'wrong' } as const) : shown;
  const about = input.statementDigest;
  const spent = spendFactor({
    actor,
    shown: signed,
    states: input.factorStates,
    purpose: 'review',
    about,
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
  const ticket = ticketCheckedDraft(request, 'review', input.ticket);
  return { events: [...ticket, spent.spent, reviewed, ...completion(input, input.rule)] };
}

/** The grant is the intersection of all signed scopes and the least of all durations. */
function completion(input: ReviewInput, rule: ResolvedRule | undefined) {
  const { state, statement, ruleDigest } = input;
  if (statement.verdict !== 'approve' || !completesLastStage(state) || state.request === null) return [];
  if (rule === undefined || ruleDigest === null) return [];
  const left = remaining(state);
  const grant = {
    request: state.request,
    grant: input.grant,
    person: state.person,
    rule,
    policyDigest: input.policyDigest,
    ruleDigest,
    scope: commonScope(left.scope, statement.scope),
    seconds: Math.min(left.seconds, statement.seconds),
    nowMs: input.nowMs,
  };
  return [approvedDraft(grant)];
}

function completesLastStage(state: RequestState): boolean {
  const stage = currentStage(state);
  return stage !== undefined && stage.stage === state.stages.length - 1 && stage.have + 1 >= stage.people;
}
