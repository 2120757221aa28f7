import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { type EnrolmentCodeId, type PersonId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { ENROLMENT_CODE_LIVES_MS } from './enrol.ts';
import { type FactorStates, type Shown, spendFactor } from './show-factor.ts';
import { shownFactorRestsADay } from './shown-factor-rests-a-day.ts';
import type { PersonState } from './state.ts';

interface VouchContext {
  readonly actor: Actor;
  readonly forPerson: PersonId;
  readonly other: PersonState;
}

export const voucherIsAnotherHuman: Rule<VouchContext> = {
  name: 'voucher-is-another-human',
  refuses({ actor, forPerson, other }) {
    if (actor.kind !== 'human') return 'Only a person vouches for a person.';
    if (actor.person === forPerson) return 'Nobody vouches for themselves. Ask a colleague.';
    if (!forPerson.startsWith('p-')) return 'Only people have factors; a workload has its sponsor.';
    return Object.keys(other.factors).length > 0
      ? 'They have a factor already; its owner enrols further ones with it.'
      : undefined;
  },
};

/** One person says of another: that is them. Makes a code which enrols that person's first factor within a day. */
export function decideVouch(
  input: VouchContext & {
    readonly code: EnrolmentCodeId;
    readonly shown: Shown;
    readonly factorStates: FactorStates;
    readonly refusals: RefusalsState;
    readonly nowMs: number;
  },
): Judgement {
  const { actor, forPerson, shown, nowMs } = input;
  const broken = firstBroken<typeof input>([voucherIsAnotherHuman, shownFactorRestsADay], input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'vouch', about: forPerson }, broken);
  if (shown.kind === 'nothing') return { events: [], refusal: stepUpNeeded('vouching for somebody') };
  const states = input.factorStates;
  const spent = spendFactor({ actor, shown, states, purpose: 'vouch', about: forPerson, nowMs });
  if ('refused' in spent) return spent.refused;
  const vouched = draft('countersign.factor.vouched.v1', streams.person(forPerson), forPerson, {
    person: forPerson,
    voucher: actor.person,
    code: input.code,
    expires_at_ms: nowMs + ENROLMENT_CODE_LIVES_MS,
    proof: spent.proof,
  });
  return { events: [spent.spent, vouched] };
}
