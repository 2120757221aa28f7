import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { BreakGlassStatement } from '../events.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { factorIsStrongEnough } from '../person/factor-is-strong-enough.ts';
import { passkeyCounterRises } from '../person/passkey-counter-rises.ts';
import { recoveredFactorIsVouched } from '../person/recovered-factor-is-vouched.ts';
import { type FactorStates, type Shown, spendFactor } from '../person/show-factor.ts';
import type { PersonState } from '../person/state.ts';
import { type Humans, sameHuman } from '../policy/humans.ts';
import type { FactorKind } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { personHasNotLeft } from '../request/rules/person-has-not-left.ts';
import { recoveredFactorRestsADay } from '../request/rules/recovered-factor-rests-a-day.ts';
import { reviewerIsHuman } from '../request/rules/reviewer-is-human.ts';
import { statementNonceIsFresh } from '../request/rules/statement-nonce-is-fresh.ts';
import type { RequestState } from '../request/state.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { frameMisfit } from '../statement-frame.ts';
import { type BreakGlassUse, isReviewed } from './state.ts';

export interface BreakGlassReviewContext {
  readonly actor: Actor;
  readonly groups: readonly string[];
  /** Who is one human under several identities, by the policy in force. */
  readonly humans: Humans;
  /** The reviewer, if they have left. */
  readonly peopleWhoLeft: readonly string[];
  readonly request: RequestState;
  readonly use: BreakGlassUse;
  readonly statement: BreakGlassStatement;
  readonly reviewer: PersonState;
  readonly logFits: boolean;
  readonly origin: string;
  readonly nonces: readonly string[];
  readonly shown: Shown;
  /** What the policy in force wants for reviews. */
  readonly demanded: FactorKind;
  readonly factorStates: FactorStates;
  readonly nowMs: number;
}

/** Whoever broke the glass, or has judged it already, is not the one to judge it. */
export const breakGlassReviewerIsSomebodyElse: Rule<BreakGlassReviewContext> = {
  name: 'break-glass-reviewer-is-somebody-else',
  refuses({ actor, request, use, humans }) {
    if (sameHuman(humans, actor.person, request.person))
      return 'Nobody reviews their own break-glass. Ask a colleague.';
    return use.reviews.some((review) => sameHuman(humans, review.reviewer, actor.person))
      ? 'You have reviewed this break-glass already.'
      : undefined;
  },
};

const reviewerIsInTheReviewGroup: Rule<BreakGlassReviewContext> = {
  name: 'reviewer-is-in-the-stage-group',
  refuses: ({ use, groups }) =>
    groups.includes(use.reviewFrom) ? undefined : `This break-glass is reviewed by ${use.reviewFrom}.`,
};

const statementIsAboutThisUse: Rule<BreakGlassReviewContext> = {
  name: 'statement-is-what-stands',
  refuses(context) {
    const { statement, request, actor } = context;
    const stands =
      statement.request === request.request &&
      statement.request_leaf === request.submittedLeaf &&
      statement.requester === request.person &&
      statement.reviewer === actor.person &&
      frameMisfit(context) === undefined;
    return stands
      ? undefined
      : 'What was signed is no longer what stands. Look at the break-glass again and decide anew.';
  },
};

export const breakGlassReviewRules: readonly Rule<BreakGlassReviewContext>[] = [
  reviewerIsHuman,
  personHasNotLeft,
  breakGlassReviewerIsSomebodyElse,
  reviewerIsInTheReviewGroup,
  statementIsAboutThisUse,
  statementNonceIsFresh,
  recoveredFactorIsVouched,
  recoveredFactorRestsADay,
  factorIsStrongEnough,
  passkeyCounterRises,
];

/** An emergency is judged afterwards: justified or not, by somebody else, with a factor. */
export function decideBreakGlassReview(
  input: BreakGlassReviewContext & {
    readonly statementDigest: string;
    readonly reason: string | null;
    readonly refusals: RefusalsState;
  },
  rules = breakGlassReviewRules,
): Judgement {
  const { actor, use, statement, shown, nowMs } = input;
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'review', about: use.request }, broken);
  if (isReviewed(use)) {
    return { events: [], refusal: new Failure('conflict', 'This break-glass has all its reviews already.') };
  }
  if (shown.kind === 'nothing')
    return { events: [], refusal: stepUpNeeded('a review is signed with one', input.demanded) };
  const about = input.statementDigest;
  const states = input.factorStates;
  const signable = { statement, digest: about };
  const spent = spendFactor({ actor, shown, states, purpose: 'review-break-glass', about, signable, nowMs });
  if ('refused' in spent) return spent.refused;
  const reviewed = draft(
    'countersign.break-glass.reviewed.v1',
    streams.breakGlass(input.request.person),
    use.request,
    {
      request: use.request,
      person: input.request.person,
      reviewer: actor.person,
      verdict: statement.verdict,
      groups: [...input.groups],
      statement,
      statement_digest: input.statementDigest,
      proof: spent.proof,
    },
    { reason: input.reason },
  );
  return { events: [spent.spent, reviewed] };
}
