import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { refuse } from '../refusal.ts';
import { stepUpNeeded } from '../request/submit.ts';
import { firstBroken } from '../rule.ts';
import { waitsForVoucher } from './recovered-factor-is-vouched.ts';
import { spendFactor } from './show-factor.ts';
import type { PersonState } from './state.ts';
import { type VouchInput, vouchingRules } from './vouch.ts';

/**
 * One person says of another that they themselves used a recovery code. From then on the recovered factor asks and
 * opens; what it signs still waits for its day to pass.
 */
export function decideVouchRecovery(
  input: VouchInput & {
    /** Which of theirs; null: the only one that waits. */
    readonly factor: string | null;
  },
  rules = vouchingRules,
): Judgement {
  const { actor, forPerson, shown, nowMs } = input;
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'vouch', about: forPerson }, broken);
  const factor = factorThatWaits(input.other, input.factor);
  if (factor instanceof Failure) return { events: [], refusal: factor };
  if (shown.kind === 'nothing')
    return { events: [], refusal: stepUpNeeded('vouching for somebody', input.demanded) };
  const states = input.factorStates;
  const signable = { act: { purpose: 'vouch-recovery', about: forPerson, digest: null } } as const;
  const spent = spendFactor({ actor, shown, states, purpose: 'vouch', about: forPerson, signable, nowMs });
  if ('refused' in spent) return spent.refused;
  const body = { person: forPerson, voucher: actor.person, factor, proof: spent.proof };
  const stream = streams.person(forPerson);
  const vouched = draft('countersign.factor.recovery-vouched.v1', stream, forPerson, body);
  return { events: [spent.spent, vouched] };
}

function factorThatWaits(person: PersonState, named: string | null): string | Failure {
  const waiting = Object.keys(person.factors).filter((factor) => waitsForVoucher(person, factor));
  const wanted = named === null ? waiting : waiting.filter((factor) => factor === named);
  const [factor] = wanted;
  if (factor === undefined)
    return new Failure('conflict', 'They have no such recovered factor that waits for somebody to vouch.');
  return wanted.length === 1
    ? factor
    : new Failure('conflict', `Several recovered factors of theirs wait: ${waiting.join(', ')}.`, {
        mend: 'Ask them which is theirs and name it: `--factor f-…`. One that nobody knows is a thief’s: have it removed.',
      });
}
