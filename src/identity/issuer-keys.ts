import type { RemoteJWKSet } from 'jose';
import { createRemoteJWKSet, customFetch, errors } from 'jose';
import { Failure } from '../domain/errors.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

const COOLDOWN_MS = 30_000;
const MOST_AGE_MS = 10 * 60_000;
const TIMEOUT_MS = 5_000;

/**
 * The keys at one issuer's `jwks_uri`, used for that issuer alone. Kept 10 minutes; an unknown key id asks
 * again, at most every 30 s, so that a rotation is noticed and a made-up key id is no way to make us call.
 */
export function issuerKeys(jwksUri: string, fetch: GuardedFetch): RemoteJWKSet {
  return createRemoteJWKSet(new URL(jwksUri), {
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: MOST_AGE_MS,
    timeoutDuration: TIMEOUT_MS,
    [customFetch]: (url, options) => fetch(url, options),
  });
}

/**
 * Tells apart what a verification failed on: keys that could not be had are
 * `identity-provider-unavailable`, anything else is a token that is not to be believed, `not-signed-in`.
 */
export function verificationFailure(issuer: string, what: string, cause: unknown): Failure {
  if (cause instanceof Failure) return cause;
  const isAboutKeys =
    cause instanceof errors.JWKSTimeout ||
    cause instanceof errors.JWKSInvalid ||
    // What jose throws when the key set answered with another status than 200, or not with JSON.
    (cause instanceof errors.JOSEError && cause.code === errors.JOSEError.code);
  if (isAboutKeys) {
    return new Failure('identity-provider-unavailable', `the keys of ${issuer} cannot be had`, { cause });
  }
  // The cause stays here: it quotes the token's claims.
  const code = cause instanceof errors.JOSEError ? cause.code : 'unreadable';
  return new Failure('not-signed-in', `the ${what} of ${issuer} is not to be believed (${code})`);
}
