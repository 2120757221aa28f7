import type { Actor } from '../actor.ts';
import { type Draft, draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { ActPurpose, FactorProof } from '../events.ts';
import { type PersonId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { Humans } from '../policy/humans.ts';
import type { FactorKind } from '../policy/policy.ts';
import type { PublisherContext } from '../policy-change/publish.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { personHasNotLeft } from '../request/rules/person-has-not-left.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { administratorRecordsLeaving } from './administrator-records-leaving.ts';
import { factorIsStrongEnough } from './factor-is-strong-enough.ts';
import { passkeyCounterRises } from './passkey-counter-rises.ts';
import { type ListedAdministrator, publishingStaysPossible } from './publishing-stays-possible.ts';
import { shownFactorIsVouched } from './recovered-factor-is-vouched.ts';
import { type FactorStates, type Shown, spendFactor } from './show-factor.ts';
import { recoveredPersonRestsADay } from './shown-factor-rests-a-day.ts';

export interface LeaveInput extends PublisherContext {
  readonly actor: Actor;
  readonly about: PersonId;
  /** Every identity of that human, by the policy in force. */
  readonly identities: readonly { readonly person: string; readonly left: boolean }[];
  readonly humans: Humans;
  /** The one who records it, if they have left. */
  readonly peopleWhoLeft: readonly string[];
  readonly listed: readonly ListedAdministrator[] | null;
  readonly publishNeeds: number;
  readonly reason: string;
  readonly shown: Shown;
  /** What the policy in force wants for whatever is signed for others; undefined: there is none yet. */
  readonly demanded: FactorKind | undefined;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
  readonly nowMs: number;
}

/** For coming back as well. */
export const returningRules: readonly Rule<LeaveInput>[] = [
  administratorRecordsLeaving,
  personHasNotLeft,
  shownFactorIsVouched,
  recoveredPersonRestsADay,
  factorIsStrongEnough,
  passkeyCounterRises,
];

export const leavingRules: readonly Rule<LeaveInput>[] = [...returningRules, publishingStaysPossible];

/** A human has left: under every identity that the policy links. None is recorded twice; nothing to record is no error. */
export function decideLeave(input: LeaveInput, rules = leavingRules): Judgement {
  const staying = input.identities.filter(({ left }) => !left).map(({ person }) => person);
  return decideRecord(input, rules, 'leave', staying, (person, proof) =>
    draft('countersign.person.left.v1', streams.person(person), person, recorded(input, person, proof), {
      reason: input.reason,
    }),
  );
}

/** They are back: they may sign in again. What ended with their leaving stays over. */
export function decideReturn(input: LeaveInput, rules = returningRules): Judgement {
  const gone = input.identities.filter(({ left }) => left).map(({ person }) => person);
  const judged = decideRecord(input, rules, 'return', gone, (person, proof) =>
    draft('countersign.person.returned.v1', streams.person(person), person, recorded(input, person, proof), {
      reason: input.reason,
    }),
  );
  return gone.length > 0 || judged.refusal !== undefined
    ? judged
    : { events: [], refusal: new Failure('conflict', 'It is not recorded that they have left.') };
}

function decideRecord(
  input: LeaveInput,
  rules: readonly Rule<LeaveInput>[],
  act: ActPurpose,
  people: readonly string[],
  entry: (person: string, proof: FactorProof) => Draft,
): Judgement {
  const { actor, about, shown, nowMs } = input;
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'record-leaving' }, broken);
  if (people.length === 0) return { events: [] };
  if (shown.kind === 'nothing')
    return { events: [], refusal: stepUpNeeded('recording this is signed with one', input.demanded) };
  const states = input.factorStates;
  const signable = { act: { purpose: act, about, digest: null } };
  const spent = spendFactor({ actor, shown, states, purpose: 'record-leaving', about, signable, nowMs });
  if ('refused' in spent) return spent.refused;
  return { events: [spent.spent, ...people.map((person) => entry(person, spent.proof))] };
}

const recorded = (input: LeaveInput, person: string, proof: FactorProof) => ({
  person,
  recorded_by: input.actor.person,
  groups: [...input.groups],
  proof,
});
