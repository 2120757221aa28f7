import type { FactorProof, StoredData } from '../../domain/events.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { actorOf, inCommand } from '../command.ts';
import type { Hearing } from '../hearing.ts';

type Purpose = StoredData<'countersign.factor.used.v1'>['purpose'];

/** What a decision says of its factor, and what the code must have been spent for. */
export interface ShownFor {
  readonly proof: FactorProof;
  readonly purpose: Purpose;
  /** Whether this is what the code must have been spent for. */
  readonly isAbout: (about: string) => boolean;
}

/** Facts travel into a decision for at most half a minute, and proving is part of it. */
const LONGEST_DECIDING_MS = 60_000;

/**
 * Why a proof does not carry this decision: it must be of the actor's factor, spent in the same command for this
 * purpose and this thing, at that time. That the code was right, only the broker attests.
 */
export function notProvedHere(
  entry: JudgedEntry,
  { proof, purpose, isAbout }: ShownFor,
  { command, state }: Hearing,
): string | undefined {
  const person = actorOf(entry) ?? '';
  if (!state.people.get(person)?.factors.has(proof.factor))
    return `${proof.factor} is no factor of ${person}`;
  const spent = inCommand(command, 'countersign.factor.used.v1').find(
    ({ data }) =>
      data.person === person &&
      data.factor === proof.factor &&
      data.step === proof.step &&
      data.purpose === purpose,
  );
  if (spent === undefined)
    return `no code of ${proof.factor} was spent for it (${purpose}) in the same command`;
  if (!isAbout(spent.data.about ?? ''))
    return `the code was spent for ${spent.data.about ?? 'nothing'}, not for this`;
  const age = entry.data.decided_at_ms - proof.proved_at_ms;
  return age >= 0 && age <= LONGEST_DECIDING_MS ? undefined : `the proof is ${age} ms old`;
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
