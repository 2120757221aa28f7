import { z } from 'zod';
import type { SignInName } from '../app/identity-ports.ts';
import type { Sealer } from '../app/ports.ts';
import type { SecretChange, SecretStore } from '../app/store.ts';
import { openJson, sealJson } from './sealed-json.ts';

const providerTokens = z.strictObject({
  /** Name of the configured issuer. */
  issuer: z.string(),
  /** The `sub` of the ID token: userinfo must name the same. */
  sub: z.string(),
  /** Of the sign-in: an ID token that comes with a refresh may not have another. */
  nonce: z.string(),
  access_token: z.string(),
  access_expires_at_ms: z.int(),
  refresh_token: z.string().nullable(),
  groups_in: z.enum(['id-token', 'userinfo']),
  groups: z.array(z.string()),
  /** Below nought: not told, but taken back, at that moment. */
  claims_at_ms: z.int(),
  /** Of the sign-in: what tells the provider, at signing out, who and which of their visits. */
  id_token: z.string(),
  /** Of a sign-in with a passkey while the provider was silent: no tokens, and groups as it told them for another one. */
  is_emergency: z.boolean(),
  /** The provider's own name of the visit; null: it gives none. */
  sid: z.string().nullable(),
});
/** What the identity provider handed over for one sign-in, and what it last said of the groups. A secret. */
export type ProviderTokens = z.infer<typeof providerTokens>;

/** The sealed row: for the commit that records the sign-in. */
export function keepProviderTokens(sealer: Sealer, name: SignInName, tokens: ProviderTokens): SecretChange {
  return {
    id: name.signIn,
    person: name.person,
    kind: 'provider-tokens',
    value: sealJson(sealer, tokens, associatedWith(name)),
    expiresAtMs: name.expiresAtMs,
  };
}

/** The sealed tokens; undefined: the sign-in has ended. */
export async function findProviderTokens(
  { secrets }: { readonly secrets: SecretStore },
  name: SignInName,
  nowMs: number,
): Promise<Uint8Array | undefined> {
  const found = await secrets.get('provider-tokens', name.signIn);
  return found === undefined || (found.expiresAtMs ?? 0) <= nowMs ? undefined : found.value;
}

/** @throws when they were sealed for another sign-in or person, or changed */
export const openProviderTokens = (
  { sealer }: { readonly sealer: Sealer },
  name: Pick<SignInName, 'signIn' | 'person'>,
  sealed: Uint8Array,
): ProviderTokens => openJson(sealer, providerTokens, sealed, associatedWith(name));

/** Of every sign-in of a person that has not ended. */
export async function allProviderTokens(
  { secrets, sealer }: { readonly secrets: SecretStore; readonly sealer: Sealer },
  person: SignInName['person'],
  nowMs: number,
): Promise<readonly ProviderTokens[]> {
  const rows = await secrets.ofPerson('provider-tokens', person);
  return rows
    .filter(({ expiresAtMs }) => (expiresAtMs ?? 0) > nowMs)
    .map(({ id, value }) =>
      openProviderTokens({ sealer }, { signIn: id as SignInName['signIn'], person }, value),
    );
}

/** Replaces them only if they are still there: a sign-in that ended meanwhile stays ended. */
export async function replaceProviderTokens(
  { secrets, sealer }: { readonly secrets: SecretStore; readonly sealer: Sealer },
  name: SignInName,
  tokens: ProviderTokens,
): Promise<boolean> {
  const change = keepProviderTokens(sealer, name, tokens);
  return (await secrets.take('provider-tokens', name.signIn, [change])) !== undefined;
}

const associatedWith = ({ signIn, person }: Pick<SignInName, 'signIn' | 'person'>): string =>
  `provider-tokens\n${signIn}\n${person}`;
