import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { channelsOf } from '../notice/notice.ts';
import { withDelegates } from '../notice/reviews-wanted.ts';
import type { Channel, Policy } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { nudgeIsHeard } from './rules/nudge-is-heard.ts';
import { nudgesAreBounded } from './rules/nudges-are-bounded.ts';
import { requestBelongsToTheCaller } from './rules/request-belongs-to-the-caller.ts';
import { requestIsPending } from './rules/request-is-pending.ts';
import { currentStage, groupsOfStage } from './stage.ts';
import type { RequestState } from './state.ts';

export interface NudgeContext {
  readonly actor: Actor;
  readonly state: RequestState;
  readonly channels: readonly Channel[];
  readonly nowMs: number;
}

export const nudgingRules: readonly Rule<NudgeContext>[] = [
  requestBelongsToTheCaller,
  requestIsPending,
  nudgesAreBounded,
  nudgeIsHeard,
];

interface NudgeInput {
  readonly actor: Actor;
  readonly state: RequestState;
  readonly policy: Policy;
  readonly policyDigest: string;
  readonly refusals: RefusalsState;
  readonly nowMs: number;
}

/** Who would hear of a reminder now, and by which ways the policy tells them. */
export function whoHears(
  state: RequestState,
  policy: Policy,
  nowMs: number,
): { readonly groups: readonly string[]; readonly channels: readonly Channel[] } {
  const stage = currentStage(state);
  return {
    groups: stage === undefined ? [] : withDelegates(policy, groupsOfStage(stage, nowMs), nowMs),
    channels: channelsOf(policy, 'reviewers'),
  };
}

/** Whoever waits reminds those whose turn it is. It changes nothing about who may decide, or by when. */
export function decideNudge(input: NudgeInput, rules = nudgingRules): Judgement {
  const { actor, state, policy, policyDigest, nowMs } = input;
  const stage = currentStage(state);
  const { groups, channels } = whoHears(state, policy, nowMs);
  const broken = firstBroken(rules, { actor, state, channels, nowMs });
  if (broken !== undefined) return refuse({ ...input, attempted: 'nudge', about: state.request }, broken);
  if (state.request === null || stage === undefined)
    return { events: [], refusal: new Failure('conflict', 'It waits for nobody.') };
  const body = {
    request: state.request,
    person: actor.person,
    stage: stage.stage,
    policy_digest: policyDigest,
    hear: [...groups],
    channels: [...channels],
  };
  const stream = streams.request(state.request);
  return { events: [draft('countersign.request.nudged.v1', stream, state.request, body)] };
}
