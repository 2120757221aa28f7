import { hash, randomUUID } from 'node:crypto';
import type { CryptoKey, JWK } from 'jose';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';

const ALGORITHM = 'ES256';

/** A key that tokens are bound to. `privateJwk` is what a client keeps on disk (0600), for `loadDpopKey`. */
export interface DpopKey {
  readonly privateKey: CryptoKey;
  readonly privateJwk: JWK;
  readonly publicJwk: JWK;
  /** RFC 7638, SHA-256, base64url. */
  readonly thumbprint: string;
}

/** A fresh P-256 key. */
export async function createDpopKey(): Promise<DpopKey> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  return loadDpopKey(await exportJWK(privateKey));
}

/** @throws TypeError when the JWK holds no private P-256 key */
export async function loadDpopKey(privateJwk: JWK): Promise<DpopKey> {
  const { kty, crv, x, y } = privateJwk;
  const privateKey = await importJWK(privateJwk, ALGORITHM);
  if (privateKey instanceof Uint8Array || privateKey.type !== 'private' || !kty || !crv || !x || !y) {
    throw new TypeError('not a private P-256 key');
  }
  const publicJwk: JWK = { kty, crv, x, y };
  return { privateKey, privateJwk, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) };
}

/**
 * The `DPoP` header of one call (RFC 9449 §4.2). Each proof serves once.
 * @param call.accessToken given when the call carries one: binds the proof to it (`ath`)
 * @param call.nowMs the client's clock; the broker bears 60 s of difference
 */
export async function dpopProof(call: {
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly method: string;
  readonly url: string;
  readonly accessToken?: string;
  readonly nowMs?: number;
}): Promise<string> {
  const target = new URL(call.url);
  const claims = {
    htm: call.method,
    htu: `${target.origin}${target.pathname}`,
    iat: Math.floor((call.nowMs ?? Date.now()) / 1000),
    jti: randomUUID(),
    ...(call.accessToken === undefined ? {} : { ath: accessTokenHash(call.accessToken) }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: ALGORITHM, jwk: call.publicJwk })
    .sign(call.privateKey);
}

/** The `ath` claim: base64url of the token's SHA-256 (RFC 9449 §4.2). */
export const accessTokenHash = (accessToken: string): string => hash('sha256', accessToken, 'base64url');
