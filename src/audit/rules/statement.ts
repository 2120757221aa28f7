import type { JudgedEntry } from '../audited-entry.ts';
import { digestOf } from '../digest-of.ts';
import type { Checks, Hearing } from '../hearing.ts';
import { notProvedHere, personRests, stillUnvouched, tooWeakForOthers } from './factor-proof.ts';
import { notFresh } from './freshness.ts';
import { notInTime, pinsAnotherLog } from './statement-frame.ts';

/** Entries that carry a statement somebody signed or attested. */
export type Signed =
  | 'countersign.request.reviewed.v1'
  | 'countersign.break-glass.reviewed.v1'
  | 'countersign.policy.signed.v1';

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
  'statement-is-in-time': (entry) => notInTime(entry, entry.data.statement),
  'statement-pins-the-log': (entry, _, hearing) => pinsAnotherLog(entry, entry.data.statement, hearing),
  'factor-is-proved': (entry, _, hearing) => {
    const { statement, statement_digest, proof } = entry.data;
    if (statement.factor !== proof.factor)
      return `the statement names ${statement.factor}, the proof ${proof.factor}`;
    const isAbout = (about: string) => about === statement_digest;
    const signed = { nonce: statement.nonce, digest: statement_digest };
    return notProvedHere(entry, { proof, purpose: statement.purpose, isAbout, signed }, hearing);
  },
  'factor-is-strong-enough': (entry, _, hearing) => tooWeakForOthers(entry.data.proof, hearing),
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
