import type { Policy } from '../policy/policy.ts';
import { LEAST_BEFORE_REMINDING_MS } from '../request/rules/nudges-are-bounded.ts';
import { type CurrentStage, currentStage, escalatesAtMs, groupsOfStage, isOn } from '../request/stage.ts';
import type { RequestState } from '../request/state.ts';
import { requestStatus } from '../request/status.ts';
import type { Notice, Occasion } from './notice.ts';

/**
 * Whom a request waits for, and what they are to hear by now: their turn came; it became theirs because others did not
 * decide; half of the time is over, which is said once; whoever waits reminds them. Nothing once it is decided or too late.
 */
export function reviewsWanted(state: RequestState, policy: Policy, nowMs: number): readonly Notice[] {
  const stage = currentStage(state);
  const { request } = state;
  if (stage === undefined || request === null || requestStatus(state, nowMs) !== 'pending') return [];
  const opened = stageOpenedSeq(state, stage);
  const nudge = state.nudges.findLast((one) => one.stage === stage.stage);
  const notice = (occasion: Occasion, group: string, about = opened): Notice => ({
    occasion,
    about,
    matter: request,
    audience: 'reviewers',
    group,
    person: null,
  });
  const escalatesMs = escalatesAtMs(stage);
  const { escalate, from } = stage;
  const isEscalated = escalate !== null && escalatesMs !== null && nowMs >= escalatesMs;
  return [
    ...withDelegates(policy, [from], nowMs).map((group) => notice('review-wanted', group)),
    ...(isEscalated
      ? withDelegates(policy, [escalate.to], nowMs).map((group) => notice('review-escalated', group))
      : []),
    ...(nowMs >= remindsAtMs(state, stage)
      ? groupsOfStage(stage, nowMs).map((group) => notice('review-still-wanted', group))
      : []),
    ...(nudge?.hear.map((group) => notice('review-nudged', group, nudge.seq)) ?? []),
  ];
}

/** The groups themselves, and those that stand in for them today. */
export function withDelegates(
  policy: Pick<Policy, 'delegates'>,
  groups: readonly string[],
  nowMs: number,
): readonly string[] {
  const standIns = (policy.delegates ?? [])
    .filter((delegation) => groups.includes(delegation.for) && isOn(delegation, nowMs))
    .map(({ to }) => to);
  return [...new Set([...groups, ...standIns])];
}

const remindsAtMs = ({ reviewByMs }: RequestState, { openedAtMs }: CurrentStage): number =>
  openedAtMs + Math.max(LEAST_BEFORE_REMINDING_MS, (reviewByMs - openedAtMs) / 2);

/** The entry with which the stage's turn came. */
function stageOpenedSeq(state: RequestState, { stage }: CurrentStage): number {
  const before = state.reviews.filter((review) => review.stage < stage && review.verdict === 'approve');
  return Math.max(state.submittedSeq, ...before.map(({ seq }) => seq));
}
