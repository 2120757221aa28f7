import type { FactorProof, StoredData } from '../../domain/events.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { actorOf, inCommand } from '../command.ts';
import type { Hearing } from '../hearing.ts';

type Purpose = StoredData<'countersign.factor.used.v1'>['purpose'];

/** Facts travel into a decision for at most half a minute, and proving is part of it. */
const LONGEST_DECIDING_MS = 60_000;

/**
 * Why a proof does not carry this decision: it must be of the actor's factor, spent in the same command for this
 * purpose, at that time. That the code was right, only the broker attests.
 */
export function notProvedHere(
  entry: JudgedEntry,
  proof: FactorProof,
  purpose: Purpose,
  { command, state }: Hearing,
): string | undefined {
  const person = actorOf(entry) ?? '';
  if (!state.people.get(person)?.factors.has(proof.factor))
    return `${proof.factor} is no factor of ${person}`;
  const spent = inCommand(command, 'countersign.factor.used.v1').some(
    ({ data }) =>
      data.person === person &&
      data.factor === proof.factor &&
      data.step === proof.step &&
      data.purpose === purpose,
  );
  if (!spent) return `no code of ${proof.factor} was spent for it (${purpose}) in the same command`;
  const age = entry.data.decided_at_ms - proof.proved_at_ms;
  return age >= 0 && age <= LONGEST_DECIDING_MS ? undefined : `the proof is ${age} ms old`;
}

const DAY_MS = 86_400_000;

/** Why this factor may not sign yet. */
export function stillRests(entry: JudgedEntry, factor: string, { state }: Hearing): string | undefined {
  const held = state.people.get(actorOf(entry) ?? '')?.factors.get(factor);
  return held?.means === 'recovery-code' && entry.data.decided_at_ms < held.enrolledAtMs + DAY_MS
    ? `${factor} was enrolled with a recovery code less than a day before`
    : undefined;
}
