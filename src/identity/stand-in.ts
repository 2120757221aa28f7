import type { SignInName } from '../app/identity-ports.ts';
import type { SecretChange } from '../app/store.ts';
import { Failure } from '../domain/errors.ts';
import type { SignInId } from '../domain/ids.ts';
import type { OidcParts } from './finish-sign-in.ts';
import { keepProviderTokens, openProviderTokens } from './provider-tokens.ts';

/** What a sign-in rests on that the provider could not be asked about. */
export interface StandIn {
  /** Name of the configured issuer. */
  readonly issuer: string;
  readonly groups: readonly string[];
  readonly claimsAtMs: number;
  readonly secrets: readonly SecretChange[];
}

/** In the place of the time at which claims were told: the provider took them back. */
const TAKEN_BACK = 0;

/**
 * What the provider told last of a person, in any sign-in of theirs that still stands, for one more that has no tokens.
 * @throws Failure `not-signed-in` when there is none, or the provider answers
 */
export async function standIn(
  parts: OidcParts,
  isAnswering: (issuer: string) => Promise<boolean>,
  name: SignInName,
): Promise<StandIn> {
  const nowMs = parts.clock.nowMs();
  const rows = await parts.secrets.ofPerson('provider-tokens', name.person);
  const [newest] = rows
    .filter(({ expiresAtMs }) => (expiresAtMs ?? 0) > nowMs)
    // Rows of this kind are named for their sign-in.
    .map(({ id, value }) => openProviderTokens(parts, { ...name, signIn: id as SignInId }, value))
    .filter(({ claims_at_ms, is_emergency }) => claims_at_ms !== TAKEN_BACK && !is_emergency)
    .toSorted((a, b) => b.claims_at_ms - a.claims_at_ms);
  if (newest === undefined) throw refusal('Your identity provider has told nothing of you of late.');
  if (await isAnswering(newest.issuer)) throw refusal('Your identity provider answers: sign in through it.');
  const emergency = {
    ...newest,
    is_emergency: true,
    access_token: '',
    access_expires_at_ms: 0,
    refresh_token: null,
    id_token: '',
    sid: null,
  };
  const { issuer, groups, claims_at_ms } = newest;
  return {
    issuer,
    groups,
    claimsAtMs: claims_at_ms,
    secrets: [keepProviderTokens(parts.sealer, name, emergency)],
  };
}

const refusal = (message: string): Failure =>
  new Failure('not-signed-in', message, { mend: 'Sign in through your identity provider.' });
