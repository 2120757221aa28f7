import type { Actor } from '../actor.ts';
import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { type EnrolmentCodeId, type PersonId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { Humans } from '../policy/humans.ts';
import type { FactorKind } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { personHasNotLeft } from '../request/rules/person-has-not-left.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { ENROLMENT_CODE_LIVES_MS } from './enrol.ts';
import { factorIsStrongEnough } from './factor-is-strong-enough.ts';
import { passkeyCounterRises } from './passkey-counter-rises.ts';
import { shownFactorIsVouched } from './recovered-factor-is-vouched.ts';
import { type FactorStates, type Shown, spendFactor } from './show-factor.ts';
import { recoveredPersonRestsADay } from './shown-factor-rests-a-day.ts';
import type { PersonState } from './state.ts';
import { voucherIsAnotherHuman } from './voucher-is-another-human.ts';

/** One human speaks for another, with a code of their own. */
export interface VouchInput {
  readonly actor: Actor;
  readonly forPerson: PersonId;
  /** The one who is vouched for. */
  readonly other: PersonState;
  /** Who is one human under several identities, by the policy in force. */
  readonly humans: Humans;
  /** Of the two: who has left. */
  readonly peopleWhoLeft: readonly string[];
  readonly shown: Shown;
  /** What the policy in force wants for whatever is signed for others; undefined: there is none yet. */
  readonly demanded: FactorKind | undefined;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
  readonly nowMs: number;
}

export const vouchingRules: readonly Rule<VouchInput>[] = [
  voucherIsAnotherHuman,
  personHasNotLeft,
  shownFactorIsVouched,
  recoveredPersonRestsADay,
  factorIsStrongEnough,
  passkeyCounterRises,
];

/** One person says of another: that is them. Makes a code which enrols that person's first factor within a day. */
export function decideVouch(
  input: VouchInput & { readonly code: EnrolmentCodeId },
  rules = vouchingRules,
): Judgement {
  const { actor, forPerson, shown, nowMs } = input;
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'vouch', about: forPerson }, broken);
  if (Object.keys(input.other.factors).length > 0) return { events: [], refusal: hasFactors() };
  if (shown.kind === 'nothing')
    return { events: [], refusal: stepUpNeeded('vouching for somebody', input.demanded) };
  const states = input.factorStates;
  const signable = { act: { purpose: 'vouch', about: forPerson, digest: null } } as const;
  const spent = spendFactor({ actor, shown, states, purpose: 'vouch', about: forPerson, signable, nowMs });
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

const hasFactors = (): Failure =>
  new Failure('conflict', 'They have a factor already; its owner enrols further ones with it.', {
    mend: 'All of them lost? They use a recovery code, or two administrators reset: `countersign factor reset`.',
  });
