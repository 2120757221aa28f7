import type { Passkey, PasskeyProof } from '../../domain/events.ts';
import { fromBase64url } from '../../log/bytes.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { actorOf } from '../command.ts';
import type { Hearing } from '../hearing.ts';
import { readCoseKey } from './cose-key.ts';
import { type CheckedSignature, readAssertion } from './read-assertion.ts';
import type { VerifySignature } from './verify-signature.ts';

/** The same signature may stand in several entries: an opening repeats the one of its request. */
export const signatureKey = (person: string, { factor, ...proof }: PasskeyProof): string =>
  [person, factor, proof.credential, proof.client_data, proof.authenticator_data, proof.signature].join('\n');

/** The passkey's signature that an entry carries; undefined: none. */
export function passkeyProofOf({ data }: JudgedEntry): PasskeyProof | undefined {
  const proof = 'proof' in data ? data.proof : null;
  return proof?.kind === 'passkey' ? proof : undefined;
}

/** Every signature of a command, against the keys that the log held before it. */
export async function checkSignatures(
  { command, state, hasher, signatures }: Hearing,
  verify: VerifySignature,
) {
  for (const entry of command.entries) {
    const proof = passkeyProofOf(entry);
    if (proof === undefined) continue;
    const person = actorOf(entry) ?? '';
    const passkey = state.people.get(person)?.factors.get(proof.factor)?.passkey;
    const key = signatureKey(person, proof);
    if (signatures.has(key)) continue;
    if (!passkey) signatures.set(key, `${proof.factor} is no passkey of ${person}`);
    else signatures.set(key, await check(readAssertion(proof, passkey, hasher), passkey, verify));
  }
}

async function check(
  read: CheckedSignature,
  passkey: Passkey,
  verify: VerifySignature,
): Promise<CheckedSignature> {
  if (typeof read === 'string') return read;
  try {
    // What the enrolment holds was judged, and need not be a key, nor base64url at all.
    const key = readCoseKey(fromBase64url(passkey.public_key), passkey.algorithm);
    if (key === undefined) return 'its enrolment holds no key that can be read';
    return (await verify(key, read.message, read.signature))
      ? read
      : 'it is not signed by the key of its enrolment';
  } catch {
    return 'its enrolment holds no key of its algorithm';
  }
}
