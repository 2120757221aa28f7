import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { Act } from '../events.ts';
import { type PersonId, type ResetId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { Humans } from '../policy/humans.ts';
import { own } from '../policy/own.ts';
import type { FactorKind } from '../policy/policy.ts';
import type { PublisherContext } from '../policy-change/publish.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { personHasNotLeft } from '../request/rules/person-has-not-left.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { factorIsStrongEnough } from './factor-is-strong-enough.ts';
import { passkeyCounterRises } from './passkey-counter-rises.ts';
import { shownFactorIsVouched } from './recovered-factor-is-vouched.ts';
import { resetTakesTwoHumans } from './reset-takes-two-humans.ts';
import { type FactorStates, type Shown, spendFactor } from './show-factor.ts';
import { recoveredPersonRestsADay } from './shown-factor-rests-a-day.ts';
import type { PendingReset, PersonState } from './state.ts';

/**
 * Asks that a second human may still confirm: within a day, and under the policy they were asked under, since another
 * one may have other administrators.
 */
export const openResets = (
  { resets }: PersonState,
  policyPublishedAtMs: number,
  nowMs: number,
): Readonly<Record<string, PendingReset>> =>
  Object.fromEntries(
    Object.entries(resets).filter(
      ([, { requestedAtMs, expiresAtMs }]) => requestedAtMs >= policyPublishedAtMs && nowMs < expiresAtMs,
    ),
  );

/** How long the second human has. */
export const RESET_WAITS_MS = 86_400_000;

interface ResetInput extends PublisherContext {
  readonly about: PersonId;
  /** The one whose factors they are. */
  readonly other: PersonState;
  readonly humans: Humans;
  /** When the policy in force came into force, milliseconds since 1970; 0: there is none. */
  readonly policyPublishedAtMs: number;
  /** Of those who ask for it and confirm it: who has left. */
  readonly peopleWhoLeft: readonly string[];
  readonly reset: ResetId;
  readonly shown: Shown;
  /** What the policy in force wants for whatever is signed for others; undefined: there is none yet. */
  readonly demanded: FactorKind | undefined;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
  readonly nowMs: number;
}

type ResetContext = ResetInput & { readonly requestedBy: string | null; readonly requesterStands: boolean };

/** For asking and for confirming. */
export const resettingRules: readonly Rule<ResetContext>[] = [
  personHasNotLeft,
  resetTakesTwoHumans,
  shownFactorIsVouched,
  recoveredPersonRestsADay,
  factorIsStrongEnough,
  passkeyCounterRises,
];

/** The first of two humans asks. Nothing changes yet. */
export function decideRequestReset(
  input: ResetInput & { readonly reason: string },
  rules = resettingRules,
): Judgement {
  const { about, nowMs } = input;
  const broken = firstBroken(rules, { ...input, requestedBy: null, requesterStands: true });
  if (broken !== undefined) return refuse({ ...input, attempted: 'reset' }, broken);
  const inVain = whyInVain(input);
  if (inVain !== undefined) return { events: [], refusal: inVain };
  const spent = spend(input, { purpose: 'reset', about, digest: null });
  if ('refused' in spent) return spent.refused;
  const requested = draft(
    'countersign.factor.reset-requested.v1',
    streams.person(about),
    about,
    {
      person: about,
      reset: input.reset,
      requested_by: input.actor.person,
      groups: [...input.groups],
      expires_at_ms: nowMs + RESET_WAITS_MS,
      proof: spent.proof,
    },
    { reason: input.reason },
  );
  return { events: [spent.spent, requested] };
}

/** The second human confirms within a day: every factor is gone, every sign-in over, nothing promised before counts. */
export function decideConfirmReset(
  input: ResetInput & { readonly requesterStands: boolean },
  rules = resettingRules,
): Judgement {
  const { about, other, reset, actor, nowMs } = input;
  const asked = own(openResets(other, input.policyPublishedAtMs, nowMs), reset);
  if (asked === undefined) return { events: [], refusal: noSuchReset() };
  const { requestedBy } = asked;
  const broken = firstBroken(rules, { ...input, requestedBy });
  if (broken !== undefined) return refuse({ ...input, attempted: 'reset' }, broken);
  const spent = spend(input, { purpose: 'confirm-reset', about: reset, digest: null });
  if ('refused' in spent) return spent.refused;
  const done = draft('countersign.factor.reset.v1', streams.person(about), about, {
    person: about,
    reset,
    requested_by: requestedBy,
    confirmed_by: actor.person,
    groups: [...input.groups],
    factors: Object.keys(other.factors),
    proof: spent.proof,
  });
  return { events: [spent.spent, done] };
}

function spend(
  { actor, about, shown, demanded, factorStates: states, nowMs }: ResetInput,
  act: Pick<Act, 'purpose' | 'about' | 'digest'>,
): ReturnType<typeof spendFactor> {
  return shown.kind === 'nothing'
    ? { refused: { events: [], refusal: stepUpNeeded('a reset is signed with one', demanded) } }
    : spendFactor({ actor, shown, states, purpose: 'reset', about, signable: { act }, nowMs });
}

function whyInVain({ other, policyPublishedAtMs, nowMs }: ResetInput): Failure | undefined {
  const [open] = Object.keys(openResets(other, policyPublishedAtMs, nowMs));
  if (open !== undefined) {
    return new Failure('conflict', `A reset of their factors (${open}) waits for a second administrator.`, {
      mend: 'Another administrator than who asked runs `countersign factor confirm-reset`.',
    });
  }
  const hasAny = Object.keys(other.factors).length > 0 || other.recoveryCodes > 0;
  return hasAny
    ? undefined
    : new Failure('conflict', 'They have no factor; there is nothing to reset.', {
        mend: 'A colleague vouches for their first one: `countersign factor vouch`.',
      });
}

const noSuchReset = (): Failure =>
  new Failure(
    'not-found',
    'No such reset waits for that person; one waits for a day, and no longer than the policy it was asked under.',
    {
      mend: '`countersign person show` lists what waits. Ask for a new one: `countersign factor reset`.',
    },
  );
