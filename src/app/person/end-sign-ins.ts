import type { PersonId } from '../../domain/ids.ts';
import type { Broker } from '../broker.ts';
import type { SecretChange, SecretKind } from '../store.ts';

/** All that is kept for somebody's sign-ins: tokens of ours, and the identity provider's. */
const SIGN_IN_KINDS: readonly SecretKind[] = [
  'one-time-code',
  'access-token',
  'refresh-token',
  'provider-tokens',
  'provider-name',
  'web-sign-in',
];

/** Deletions that end every sign-in of a person: for the commit that records why; then call `forgetSignIns`. */
export const endedSignIns = (broker: Broker, person: string): Promise<readonly SecretChange[]> =>
  allSecretsOf(broker, person, SIGN_IN_KINDS);

/**
 * After that commit. A sign-in that came into the store while it was prepared is over by the log already; now its
 * tokens go as well. What is left when the process dies before serves nobody: decisions and renewals ask the log.
 */
export async function forgetSignIns(broker: Broker, person: PersonId): Promise<void> {
  const late = await endedSignIns(broker, person);
  if (late.length > 0) await broker.store.secrets.put(late);
  broker.accessTokens.forgetPerson(person);
}

/** Deletions of everything of these kinds that is kept for somebody. */
export async function allSecretsOf(
  broker: Broker,
  person: string,
  kinds: readonly SecretKind[],
): Promise<readonly SecretChange[]> {
  const found = await Promise.all(kinds.map((kind) => broker.store.secrets.ofPerson(kind, person)));
  return found.flat().map(({ id, kind }) => ({ id, person, kind, value: null, expiresAtMs: null }));
}
