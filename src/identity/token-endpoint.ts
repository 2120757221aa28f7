import type { TokenEndpointResponse } from 'openid-client';
import {
  AuthorizationResponseError,
  authorizationCodeGrant,
  ClientError,
  ResponseBodyError,
  refreshTokenGrant,
} from 'openid-client';
import { Failure } from '../domain/errors.ts';
import { unavailable } from './guarded-fetch.ts';
import type { IssuerConfig } from './issuer-config.ts';
import type { Connection } from './issuer-connection.ts';
import type { SignInAttempt } from './sign-in-attempt.ts';

/**
 * What a provider that names no lifetime is taken to mean: short, so that we ask again rather than rely on
 * it.
 */
const ASSUMED_LIFETIME_SECONDS = 300;

export interface GrantedTokens {
  readonly accessToken: string;
  readonly accessExpiresAtMs: number;
  readonly refreshToken: string | null;
  readonly idToken: string | null;
}

/**
 * Trades the code of the provider's answer. State, `iss` (RFC 9207) and PKCE are checked here.
 * @param callback the registered redirect address with the query as it came
 * @throws Failure `not-signed-in`, `identity-provider-unavailable`
 */
export async function tradeCode(
  { client, config }: Connection,
  callback: URL,
  attempt: SignInAttempt,
  state: string,
  nowMs: number,
): Promise<GrantedTokens> {
  try {
    const checks = {
      expectedState: state,
      expectedNonce: attempt.nonce,
      pkceCodeVerifier: attempt.code_verifier,
    };
    return granted(
      await authorizationCodeGrant(client, callback, { ...checks, idTokenExpected: true }),
      nowMs,
    );
  } catch (cause) {
    throw failureOf(config, cause);
  }
}

/**
 * @throws Failure `not-signed-in` when the provider no longer vouches for the person,
 *   `identity-provider-unavailable`
 */
export async function tradeRefreshToken(
  { client, config }: Connection,
  refreshToken: string,
  nowMs: number,
): Promise<GrantedTokens> {
  try {
    return granted(await refreshTokenGrant(client, refreshToken), nowMs);
  } catch (cause) {
    throw failureOf(config, cause);
  }
}

function granted(response: TokenEndpointResponse, nowMs: number): GrantedTokens {
  return {
    accessToken: response.access_token,
    accessExpiresAtMs: nowMs + (response.expires_in ?? ASSUMED_LIFETIME_SECONDS) * 1000,
    refreshToken: response.refresh_token ?? null,
    idToken: response.id_token ?? null,
  };
}

/**
 * A refusal of the person or of their code is `not-signed-in`, and so is an answer that fails a check; what
 * is wrong between the provider and us (unreachable, our client unknown) is
 * `identity-provider-unavailable`.
 */
function failureOf(config: IssuerConfig, error: unknown): Failure {
  const inner = failureWithin(error);
  if (inner !== undefined) return inner;
  if (error instanceof ResponseBodyError && error.error !== 'invalid_grant') {
    return unavailable(config, `refused us (${shortCode(error.error)})`);
  }
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) {
    return refusal(config, `refused (${shortCode(error.error)})`);
  }
  if (error instanceof ClientError && error.code === 'OAUTH_TIMEOUT')
    return unavailable(config, 'did not answer');
  if (error instanceof ClientError && error.code === 'OAUTH_RESPONSE_IS_NOT_CONFORM') {
    return unavailable(config, 'did not answer as a token endpoint does');
  }
  return refusal(config, 'gave an answer that is not to be believed');
}

// The library's errors keep the provider's whole answer in their causes, tokens included: none of them goes
// on.
const refusal = (config: IssuerConfig, what: string): Failure =>
  new Failure('not-signed-in', `the identity provider ${config.name} ${what}`, { mend: 'countersign login' });

/** Only the codes that RFC 6749 defines the form of; the provider, or whoever made the link, wrote it. */
const shortCode = (code: string): string => (/^[a-z_]{1,40}$/.test(code) ? code : 'without a reason');

function failureWithin(error: unknown): Failure | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof Failure) return at;
  }
  return undefined;
}
