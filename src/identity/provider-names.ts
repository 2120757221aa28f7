import { hash } from 'node:crypto';
import type { SignInName } from '../app/identity-ports.ts';
import type { SecretChange, SecretStore } from '../app/store.ts';
import type { PersonId } from '../domain/ids.ts';
import type { ProviderTokens } from './provider-tokens.ts';

type Named = Pick<ProviderTokens, 'issuer' | 'sub' | 'sid'>;

/**
 * Rows that lead from the provider's words to ours: `sub` need not be the claim that names a person here. They outlive
 * a sign-in until it would have ended by itself; by then a newer one has written them anew.
 */
export function keepProviderNames(
  { person, expiresAtMs }: SignInName,
  { issuer, sub, sid }: Named,
): readonly SecretChange[] {
  const ids = [nameId(issuer, 'sub', sub), ...(sid === null ? [] : [nameId(issuer, 'sid', sid)])];
  const value = Buffer.from(person, 'utf8');
  return ids.map((id) => ({ id, person, kind: 'provider-name', value, expiresAtMs }));
}

/** undefined: nobody by that name has signed in of late. */
export async function personNamed(
  secrets: SecretStore,
  issuer: string,
  by: 'sub' | 'sid',
  name: string,
): Promise<PersonId | undefined> {
  const found = await secrets.get('provider-name', nameId(issuer, by, name));
  // Written by `keepProviderNames` alone.
  return found === undefined ? undefined : (found.person as PersonId);
}

const nameId = (issuer: string, by: 'sub' | 'sid', name: string): string =>
  hash('sha256', `${issuer}\n${by}\n${name}`, 'hex');
