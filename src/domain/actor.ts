import type { z } from 'zod';
import type { by } from './events.ts';
import type { PersonId, SignInId } from './ids.ts';

export type By = z.infer<typeof by>;

/** Who is calling, always from the authenticated token, never from a body. */
export interface Actor {
  readonly kind: 'human' | 'workload';
  readonly person: PersonId;
  /** null for a workload, whose token is its sign-in. */
  readonly signIn: SignInId | null;
  /** Name of the configured issuer that vouched for it. */
  readonly issuer: string;
  /** The provider's own group names, as last told. */
  readonly idpGroups: readonly string[];
  /** When the provider told them, milliseconds since 1970. */
  readonly claimsAtMs: number;
  /** `cached`: the provider could not be asked just now; what it said last is all there is. Serves emergencies only. */
  readonly membership: 'fresh' | 'cached';
  /** RFC 7638 thumbprint of the key the token is bound to (RFC 9449); a workload's: of its token's issuer key id and subject. */
  readonly keyThumbprint: string;
  /** The policy's name of the workload, where it is one. */
  readonly workload: string | null;
  readonly address: string | null;
}

export const byOf = (actor: Actor): By => ({
  kind: actor.kind,
  person: actor.person,
  sign_in: actor.signIn,
  claims_at_ms: actor.claimsAtMs,
});
