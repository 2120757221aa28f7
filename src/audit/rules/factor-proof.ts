import type { Act, ActPurpose, FactorProof, PasskeyProof, StoredData } from '../../domain/events.ts';
import type { FactorKind } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { actorOf, inCommand } from '../command.ts';
import { digestOf } from '../digest-of.ts';
import type { Hearing } from '../hearing.ts';
import { signatureKey } from '../passkey/check-signatures.ts';
import { unfitFrame } from './statement-frame.ts';

type Purpose = StoredData<'countersign.factor.used.v1'>['purpose'];

/** What a decision says of its factor, and what it must have been shown for. */
export interface ShownFor {
  readonly proof: FactorProof;
  readonly purpose: Purpose;
  /** Whether this is what it must have been shown for. */
  readonly isAbout: (about: string) => boolean;
  /** What a passkey must have signed. */
  readonly signed: SignedStatement | SignedAct;
}

export interface SignedStatement {
  readonly nonce: string;
  readonly digest: string;
}

export interface SignedAct {
  readonly act: ActPurpose;
  readonly isActAbout: (about: string) => boolean;
  readonly actDigest: string | null;
}

/** Facts travel into a decision for at most half a minute, and proving is part of it. */
const LONGEST_DECIDING_MS = 60_000;

/**
 * Why a proof does not carry this decision: it must be of the actor's factor, spent in the same command for this
 * purpose and this thing, at that time. That a code was right, only the broker attests; a signature is checked.
 */
export function notProvedHere(entry: JudgedEntry, shown: ShownFor, hearing: Hearing): string | undefined {
  const { proof, purpose, isAbout } = shown;
  const { command, state } = hearing;
  const person = actorOf(entry) ?? '';
  if (!state.people.get(person)?.factors.has(proof.factor))
    return `${proof.factor} is no factor of ${person}`;
  const spent = inCommand(command, 'countersign.factor.used.v1').find(
    ({ data }) => data.person === person && data.purpose === purpose && isOfProof(data, proof),
  );
  if (spent === undefined)
    return `nothing of ${proof.factor} was spent for it (${purpose}) in the same command`;
  if (!isAbout(spent.data.about ?? ''))
    return `it was spent for ${spent.data.about ?? 'nothing'}, not for this`;
  const age = entry.data.decided_at_ms - proof.proved_at_ms;
  if (age < 0 || age > LONGEST_DECIDING_MS) return `the proof is ${age} ms old`;
  return proof.kind === 'passkey' ? notSigned(entry, proof, shown.signed, hearing) : undefined;
}

type UsedData = StoredData<'countersign.factor.used.v1'>;

/** Whether this is the spending of that proof: of its code, or of its signature's nonce. */
export const isOfProof = (used: UsedData, proof: FactorProof): boolean =>
  used.factor === proof.factor &&
  (proof.kind === 'totp' ? used.step === proof.step : used.nonce === proof.nonce);

/** Why a signature is not one over just this. */
function notSigned(
  entry: JudgedEntry,
  proof: PasskeyProof,
  signed: SignedStatement | SignedAct,
  hearing: Hearing,
): string | undefined {
  const checked = hearing.signatures.get(signatureKey(actorOf(entry) ?? '', proof));
  if (checked === undefined || typeof checked === 'string')
    return `the signature does not hold: ${checked ?? 'nobody checked it'}`;
  if ('digest' in signed) {
    if (proof.act !== null) return 'it says to be over something else than the statement';
    if (checked.challenge !== signed.digest) return 'the signature is over another statement';
    return proof.nonce === signed.nonce ? undefined : 'its nonce is not the statement’s';
  }
  const { act } = proof;
  if (act === null) return 'it does not say what was signed';
  if (checked.challenge !== digestOf(hearing.hasher, act)) return 'the signature is over something else';
  return unlikeAct(entry, proof, act, signed) ?? unfitFrame(entry, act, hearing);
}

function unlikeAct(entry: JudgedEntry, proof: PasskeyProof, act: Act, wanted: SignedAct): string | undefined {
  if (act.purpose !== wanted.act) return `it was signed to ${act.purpose}, not to ${wanted.act}`;
  if (!wanted.isActAbout(act.about)) return `it was signed for ${act.about}, not for this`;
  if (act.digest !== wanted.actDigest) return 'what was signed differs from what was done';
  // Nobody is known yet who comes to sign in: the credential says who they are.
  const [person, factor] = wanted.act === 'sign-in' ? [null, null] : [actorOf(entry), proof.factor];
  if (act.person !== person) return `it was signed as ${act.person ?? 'nobody yet'}`;
  if (act.factor !== factor) return `it names the factor ${act.factor ?? 'none'}`;
  return act.nonce === proof.nonce ? undefined : 'its nonce is not the one that was signed';
}

const DAY_MS = 86_400_000;

const heldBy = (entry: JudgedEntry, factor: string, { state }: Hearing) =>
  state.people.get(actorOf(entry) ?? '')?.factors.get(factor);

/** Why somebody may not sign yet: the day of rest after a recovery is theirs, whichever factor they show. */
export function personRests(entry: JudgedEntry, _: unknown, { state }: Hearing): string | undefined {
  const held = state.people.get(actorOf(entry) ?? '')?.factors;
  for (const [factor, { means, enrolledAtMs }] of held ?? []) {
    if (means === 'recovery-code' && entry.data.decided_at_ms < enrolledAtMs + DAY_MS)
      return `${factor} of theirs was enrolled with a recovery code less than a day before`;
  }
  return undefined;
}

/** Why this factor may make or remove no other yet. */
export function stillRests(entry: JudgedEntry, factor: string, hearing: Hearing): string | undefined {
  const held = heldBy(entry, factor, hearing);
  return held?.means === 'recovery-code' && entry.data.decided_at_ms < held.enrolledAtMs + DAY_MS
    ? `${factor} was enrolled with a recovery code less than a day before`
    : undefined;
}

/** Why this factor proves nothing yet. */
export const stillUnvouched = (entry: JudgedEntry, factor: string, hearing: Hearing): string | undefined =>
  heldBy(entry, factor, hearing)?.isUnvouched
    ? `${factor} was enrolled with a recovery code, and nobody has vouched since that it was them`
    : undefined;

/** Why a code is not enough, where the policy wants a passkey. */
export const tooWeak = (proof: FactorProof | null, demanded: FactorKind | undefined): string | undefined =>
  demanded === 'passkey' && proof?.kind === 'totp'
    ? `the policy wants a passkey, and a code of ${proof.factor} was shown`
    : undefined;

/** The same for whatever is signed for others: reviews say it for all of them. */
export const tooWeakForOthers = (proof: FactorProof, { state }: Hearing): string | undefined =>
  tooWeak(proof, state.policy?.policy?.factors.review);

/** Why somebody with a passkey may not change their factors by a code. */
export function codeForPasskeys(entry: JudgedEntry, proof: FactorProof | null, { state }: Hearing) {
  const held = [...(state.people.get(actorOf(entry) ?? '')?.factors.values() ?? [])];
  return proof?.kind === 'totp' && held.some(({ passkey }) => passkey !== null)
    ? 'they had a passkey, and showed a code'
    : undefined;
}
