import type { JudgedEntry } from '../audited-entry.ts';
import { digestOf } from '../digest-of.ts';
import type { Checks, Hearing } from '../hearing.ts';
import { notProvedHere, personRests, stillUnvouched } from './factor-proof.ts';
import { notFresh } from './freshness.ts';

/** Entries that carry a statement somebody signed or attested. */
export type Signed =
  | 'countersign.request.reviewed.v1'
  | 'countersign.break-glass.reviewed.v1'
  | 'countersign.policy.signed.v1';

export const LONGEST_STATEMENT_MS = 900_000;

/** What holds for every statement, whatever it is about. */
export const statementRules = {
  'statement-has-its-digest': ({ data }, _, { hasher }) =>
    digestOf(hasher, data.statement) === data.statement_digest
      ? undefined
      : 'the statement was changed after it was signed',
  'statement-nonce-is-fresh': ({ data }, _, { state }) =>
    state.nonces.get(data.statement.nonce) === undefined
      ? undefined
      : `the nonce ${data.statement.nonce} was used before`,
  'statement-is-in-time': ({ data }) => {
    const left = data.statement.expires_at_ms - data.decided_at_ms;
    return left >= 0 && left <= LONGEST_STATEMENT_MS ? undefined : `it expires ${left} ms after the decision`;
  },
  'statement-pins-the-log': pinsTheLog,
  'factor-is-proved': (entry, _, hearing) => {
    const { statement, statement_digest, proof } = entry.data;
    if (statement.factor !== proof.factor)
      return `the statement names ${statement.factor}, the proof ${proof.factor}`;
    const isAbout = (about: string) => about === statement_digest;
    return notProvedHere(entry, { proof, purpose: statement.purpose, isAbout }, hearing);
  },
  'recovered-factor-rests-a-day': personRests,
  'recovered-factor-is-vouched': (entry, _, hearing) =>
    stillUnvouched(entry, entry.data.proof.factor, hearing),
  'membership-is-fresh': (entry) => notFresh(entry),
} as const satisfies Checks<Signed, unknown>;

/** Remembered until the statement has expired: after that it fits no decision any more. */
export function rememberNonce({ data }: JudgedEntry<Signed>, { state }: Hearing): void {
  state.nonces.set(
    data.statement.nonce,
    true,
    Math.max(data.statement.expires_at_ms, data.decided_at_ms) + 60_000,
  );
}

function pinsTheLog(entry: JudgedEntry<Signed>, _: unknown, { state }: Hearing): string | undefined {
  const { origin, size, root } = entry.data.statement.log;
  if (origin !== state.origin) return `it pins the log ${origin}`;
  if (size > entry.seq) return `it pins ${size} entries at entry #${entry.seq}`;
  const real = state.roots.rootAt(size);
  if (real === undefined) return `it pins a size, ${size}, that was passed too long ago`;
  return real === root ? undefined : `the root at ${size} is ${real}, not ${root}`;
}
