import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { passkeyAnswersForPasskeys } from './passkey-answers-for-passkeys.ts';
import { passkeyCounterRises } from './passkey-counter-rises.ts';
import { shownFactorIsVouched } from './recovered-factor-is-vouched.ts';
import { type FactorStates, type Shown, spendFactor } from './show-factor.ts';
import { shownFactorRestsADay } from './shown-factor-rests-a-day.ts';
import type { PersonState } from './state.ts';

interface RemoveInput {
  readonly actor: Actor;
  readonly person: PersonState;
  readonly factorStates: FactorStates;
  readonly remove: string;
  readonly shown: Shown;
  readonly refusals: RefusalsState;
  readonly nowMs: number;
}

const lastFactorStays: Rule<{ readonly person: PersonState }> = {
  name: 'last-factor-stays',
  refuses: ({ person }) =>
    Object.keys(person.factors).length > 1
      ? undefined
      : 'This is your only factor. Enrol another one first (`countersign factor enrol`), then remove this.',
};

export const removingRules: readonly Rule<RemoveInput>[] = [
  lastFactorStays,
  shownFactorIsVouched,
  shownFactorRestsADay,
  passkeyAnswersForPasskeys,
  passkeyCounterRises,
];

/** A factor is removed by showing one of the person's factors. */
export function decideRemoveFactor(input: RemoveInput, rules = removingRules): Judgement {
  const { actor, person, remove, shown, nowMs } = input;
  if (!Object.hasOwn(person.factors, remove)) {
    return { events: [], refusal: new Failure('not-found', 'You have no such factor.') };
  }
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'remove-factor', about: remove }, broken);
  if (shown.kind === 'nothing') return { events: [], refusal: stepUpNeeded('removing a factor') };
  const states = input.factorStates;
  const signable = { act: { purpose: 'remove', about: remove, digest: null } } as const;
  const spent = spendFactor({ actor, shown, states, purpose: 'remove', about: remove, signable, nowMs });
  if ('refused' in spent) return spent.refused;
  const body = { person: actor.person, factor: remove, proof: spent.proof };
  return {
    events: [
      spent.spent,
      draft('countersign.factor.removed.v1', streams.person(actor.person), actor.person, body),
    ],
  };
}
