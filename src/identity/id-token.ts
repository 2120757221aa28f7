import { hash } from 'node:crypto';
import type { JWTPayload, JWTVerifyResult } from 'jose';
import { jwtVerify } from 'jose';
import { Failure } from '../domain/errors.ts';
import { equalInConstantTime } from './constant-time.ts';
import type { Connection } from './issuer-connection.ts';
import { ID_TOKEN_ALGORITHMS } from './issuer-connection.ts';
import { verificationFailure } from './issuer-keys.ts';

const CLOCK_TOLERANCE_SECONDS = 30;
const MOST_CHARACTERS = 65_536;

/** What else is known of the answer that the ID token came in. */
export interface IdTokenContext {
  readonly accessToken: string;
  /** That the sign-in was begun with. */
  readonly nonce: string;
  /** A refresh need not repeat the nonce, but may not have another (OpenID Connect Core 1.0 §12.2). */
  readonly isRenewal: boolean;
  readonly nowMs: number;
}

/**
 * OpenID Connect Core 1.0 §3.1.3.7, with the signature always checked, though the token came straight from
 * the provider.
 * @throws Failure `not-signed-in`, or `identity-provider-unavailable` when the keys cannot be had
 */
export async function verifyIdToken(
  connection: Pick<Connection, 'config' | 'keys'>,
  idToken: string,
  context: IdTokenContext,
): Promise<JWTPayload & { readonly sub: string }> {
  const { issuer, client_id } = connection.config;
  const verified = await verifySignature(connection, idToken, context.nowMs);
  const { payload, protectedHeader } = verified;
  const { typ, alg } = protectedHeader;
  if (typ !== undefined && typ.toUpperCase() !== 'JWT') throw refusal(issuer, 'is a token of another kind');
  const isWithoutNonce = context.isRenewal && payload['nonce'] === undefined;
  if (!isWithoutNonce && !isSameText(payload['nonce'], context.nonce))
    throw refusal(issuer, 'answers another sign-in');
  const isForOthersToo = Array.isArray(payload.aud) && payload.aud.length > 1;
  if ((isForOthersToo || payload['azp'] !== undefined) && payload['azp'] !== client_id) {
    throw refusal(issuer, 'was issued to another client');
  }
  if ((payload.iat ?? 0) > context.nowMs / 1000 + CLOCK_TOLERANCE_SECONDS)
    throw refusal(issuer, 'is from the future');
  const expected = halfHash(alg, context.accessToken);
  if (payload['at_hash'] !== undefined && !isSameText(payload['at_hash'], expected)) {
    throw refusal(issuer, 'came with another access token');
  }
  const { sub = '' } = payload;
  if (sub === '') throw refusal(issuer, 'names nobody');
  return { ...payload, sub };
}

async function verifySignature(
  { config, keys }: Pick<Connection, 'config' | 'keys'>,
  idToken: string,
  nowMs: number,
): Promise<JWTVerifyResult> {
  if (idToken.length > MOST_CHARACTERS) throw refusal(config.issuer, 'is too long');
  try {
    return await jwtVerify(idToken, keys, {
      issuer: config.issuer,
      audience: config.client_id,
      algorithms: ID_TOKEN_ALGORITHMS,
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(nowMs),
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
  } catch (cause) {
    throw verificationFailure(config.issuer, 'ID token', cause);
  }
}

/**
 * `at_hash` (§3.1.3.6): the left half of the hash that goes with the signature; Ed25519 goes with SHA-512.
 */
function halfHash(algorithm: string, accessToken: string): string {
  const digest = hash(algorithm === 'EdDSA' ? 'sha512' : 'sha256', accessToken, 'buffer');
  return digest.subarray(0, digest.length / 2).toString('base64url');
}

const isSameText = (said: unknown, expected: string): boolean =>
  typeof said === 'string' && equalInConstantTime(said, expected);

const refusal = (issuer: string, what: string): Failure =>
  new Failure('not-signed-in', `the ID token of ${issuer} ${what}`, { mend: 'countersign login' });
