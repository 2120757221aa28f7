import type { Actor } from '../actor.ts';
import { type Draft, draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { FactorProof, Passkey } from '../events.ts';
import { type EnrolmentCodeId, type FactorId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { PasskeyDemands } from '../policy/policy.ts';
import type { LogState } from '../policy-change/state.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { authenticatorIsAllowed } from './authenticator-is-allowed.ts';
import { passkeyAnswersForPasskeys } from './passkey-answers-for-passkeys.ts';
import { passkeyCounterRises } from './passkey-counter-rises.ts';
import { shownFactorIsVouched } from './recovered-factor-is-vouched.ts';
import { type FactorStates, type Shown, spendFactor } from './show-factor.ts';
import { shownFactorRestsADay } from './shown-factor-rests-a-day.ts';
import type { PersonState } from './state.ts';

export const FACTORS_ALLOWED = 5;
export const ENROLMENT_CODE_LIVES_MS = 86_400_000;

/** On what authority a factor is enrolled. */
export type Means =
  | { readonly kind: 'enrolment-code'; readonly code: EnrolmentCodeId }
  | { readonly kind: 'recovery-code' }
  /** An existing factor, shown now. */
  | { readonly kind: 'factor'; readonly shown: Shown; readonly states: FactorStates };

interface EnrolContext {
  readonly actor: Actor;
  readonly person: PersonState;
  readonly log: LogState;
  readonly means: Means;
  /** Whoever made the code has not left since and has the factor they made it with; true where nobody made one. */
  readonly voucherStands: boolean;
  readonly nowMs: number;
}

/** A stolen sign-in alone enrols nothing: a first factor needs another human, or the genesis, to have said so. */
export const enrolmentIsVouched: Rule<EnrolContext> = {
  name: 'enrolment-is-vouched',
  refuses({ actor, person, log, means, voucherStands, nowMs }) {
    const factors = Object.keys(person.factors).length;
    if (factors >= FACTORS_ALLOWED) return `You have ${factors} factors; remove one first.`;
    if (means.kind === 'recovery-code' && person.recoveryCodes === 0)
      return 'Your recovery codes were taken away. Ask a colleague to vouch for you: `countersign factor vouch`.';
    if (means.kind !== 'enrolment-code') return undefined;
    if (factors > 0) return 'You have a factor already: show its code to enrol another.';
    const vouched = person.codes[means.code];
    const named = log.codes[means.code];
    // A leaving or a reset voids what the genesis promised as well: somebody has to vouch again.
    const isNamed = named?.person === actor.person && person.signInsEndedSeq < 0;
    const expiresAtMs = vouched?.expiresAtMs ?? (isNamed ? named.expiresAtMs : undefined);
    if (expiresAtMs === undefined) return 'That enrolment code was not made for you, or is void by now.';
    if (person.usedCodes.includes(means.code)) return 'That enrolment code was used before.';
    if (vouched !== undefined && !voucherStands)
      return 'Whoever vouched for you has left since, or has lost the factor they did it with. Ask another colleague: `countersign factor vouch`.';
    return nowMs < expiresAtMs
      ? undefined
      : 'That enrolment code has expired. Ask a colleague for a new one: `countersign factor vouch`.';
  },
};

/** By a factor that was recovered itself, only once it rests no more and somebody has vouched for it. */
const byAVouchedFactor = byFactor(shownFactorIsVouched);
const byARestedFactor = byFactor(shownFactorRestsADay);
const byAPasskeyWhereThereIsOne = byFactor(passkeyAnswersForPasskeys);
const byACountingPasskey = byFactor(passkeyCounterRises);

function byFactor(
  rule: Rule<{ readonly shown: Shown; readonly factorStates: FactorStates; readonly nowMs: number }>,
): Rule<EnrolContext> {
  return {
    name: rule.name,
    refuses: ({ means, nowMs }) =>
      means.kind === 'factor'
        ? rule.refuses({ shown: means.shown, factorStates: means.states, nowMs })
        : undefined,
  };
}

/** Also asked before enrolling begins, when no code was shown yet. */
export const enrollingRules: readonly Rule<EnrolContext>[] = [
  enrolmentIsVouched,
  byAVouchedFactor,
  byARestedFactor,
  byAPasskeyWhereThereIsOne,
  byACountingPasskey,
];

/** Whether enrolling may start at all; the same question is asked again when it is confirmed. */
export const mayEnrol = (context: EnrolContext) => firstBroken(enrollingRules, context);

/** How the new factor shows that it is there. */
export type Confirmation =
  /** What checking its own first code gave. */
  | {
      readonly kind: 'totp';
      readonly shown: Exclude<Shown, { kind: 'nothing' }>;
      readonly states: FactorStates;
    }
  /** Made at our own page for this very enrolment, by a person that their device had made sure of. */
  | { readonly kind: 'passkey'; readonly passkey: Passkey; readonly keyDigest: string };

interface EnrolInput extends EnrolContext {
  readonly factor: FactorId;
  readonly label: string | null;
  readonly confirmation: Confirmation;
  /** Of the policy in force. */
  readonly demands: PasskeyDemands | undefined;
  /** The broker is told which makers of authenticators to believe. */
  readonly makersAreKnown: boolean;
  readonly recoveryCodes: number;
  readonly refusals: RefusalsState;
}

/** On the new factor itself, once it is known. */
export const confirmingRules: readonly Rule<EnrolInput>[] = [...enrollingRules, authenticatorIsAllowed];

/**
 * A new factor is confirmed by a code of its own, which is spent by that, or by the ceremony that made it; and it rests
 * on an authority: a code that a human vouched for, an older factor, or a recovery code (whose holder then signs nothing
 * for a day).
 */
export function decideEnrol(input: EnrolInput, rules = confirmingRules): Judgement {
  const { actor, person, means, factor, confirmation } = input;
  const broken = firstBroken(rules, input);
  if (broken !== undefined) return refuse({ ...input, attempted: 'enrol', about: factor }, broken);
  const authority = authorise(input);
  if ('refused' in authority) return authority.refused;
  const confirmed = confirm(input);
  if ('refused' in confirmed) return confirmed.refused;
  const code = means.kind === 'enrolment-code' ? means.code : null;
  const enrolled = draft(
    'countersign.factor.enrolled.v1',
    streams.person(actor.person),
    actor.person,
    {
      person: actor.person,
      factor,
      factor_kind: confirmation.kind,
      passkey: confirmation.kind === 'passkey' ? confirmation.passkey : null,
      means: means.kind,
      enrolment_code: code,
      voucher: code === null ? null : (person.codes[code]?.voucher ?? null),
      recovery_codes: input.recoveryCodes,
      proof: authority.proof,
    },
    { label: input.label },
  );
  return { events: [...authority.events, enrolled, ...confirmed.events] };
}

/** A passkey's ceremony was checked; an authenticator shows its first code, as if it were enrolled already. */
function confirm(input: EnrolInput): { readonly events: readonly Draft[] } | { readonly refused: Judgement } {
  const { actor, person, means, factor, confirmation, nowMs } = input;
  if (confirmation.kind === 'passkey') return { events: [] };
  const enrolled = {
    factor,
    kind: 'totp',
    passkey: null,
    means: means.kind,
    enrolledAtMs: nowMs,
    seq: -1,
    recoveryVouchedBy: null,
  } as const;
  const withNew: PersonState = { ...person, factors: { ...person.factors, [factor]: enrolled } };
  const spent = spendFactor({
    actor,
    shown: confirmation.shown,
    states: { ...confirmation.states, person: withNew },
    purpose: 'enrol',
    about: factor,
    signable: { act: { purpose: 'enrol', about: factor, digest: null } },
    nowMs,
  });
  return 'refused' in spent ? spent : { events: [spent.spent] };
}

function authorise(
  input: EnrolInput,
):
  | { readonly events: readonly Draft[]; readonly proof: FactorProof | null }
  | { readonly refused: Judgement } {
  const { actor, means, nowMs, factor, confirmation } = input;
  if (means.kind !== 'factor') return { events: [], proof: null };
  if (means.shown.kind === 'nothing') {
    const refusal = new Failure('step-up-needed', 'Enrolling another factor needs one you have.', {
      mend: 'Send a code as `totp`, sign with a passkey, or begin with a recovery code as `recovery_code`.',
    });
    return { refused: { events: [], refusal } };
  }
  const { shown, states } = means;
  const digest = confirmation.kind === 'passkey' ? confirmation.keyDigest : null;
  const signable = { act: { purpose: 'enrol', about: factor, digest } } as const;
  const spent = spendFactor({ actor, shown, states, purpose: 'enrol', about: factor, signable, nowMs });
  return 'refused' in spent ? spent : { events: [spent.spent], proof: spent.proof };
}
