import type { Act, Statement } from '../../domain/events.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import type { Hearing } from '../hearing.ts';

export const LONGEST_STATEMENT_MS = 900_000;

/** When a signed thing is outside its time. */
export function notInTime(entry: JudgedEntry, { expires_at_ms }: Pick<Statement, 'expires_at_ms'>) {
  const left = expires_at_ms - entry.data.decided_at_ms;
  return left >= 0 && left <= LONGEST_STATEMENT_MS ? undefined : `it expires ${left} ms after the decision`;
}

/** Why a signed thing does not pin this very log, as it was a while ago. */
export function pinsAnotherLog(
  entry: JudgedEntry,
  { log }: Pick<Statement, 'log'>,
  { state }: Hearing,
): string | undefined {
  const { origin, size, root } = log;
  if (origin !== state.origin) return `it pins the log ${origin}`;
  if (size > entry.seq) return `it pins ${size} entries at entry #${entry.seq}`;
  const real = state.roots.rootAt(size);
  if (real === undefined) return `it pins a size, ${size}, that was passed too long ago`;
  return real === root ? undefined : `the root at ${size} is ${real}, not ${root}`;
}

export const unfitFrame = (entry: JudgedEntry, act: Act, hearing: Hearing): string | undefined =>
  notInTime(entry, act) ?? pinsAnotherLog(entry, act, hearing);
