import type { JSONWebKeySet, JWK } from 'jose';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { GrantClaims } from './claims.ts';
import { GRANT_TOKEN_TYPE, MOST_TOKEN_SECONDS } from './limits.ts';

/**
 * A private RSA key; `retired_at_ms` says when another became current, and is ours (RFC 7517 §4 allows
 * members).
 */
export type GrantKeyJwk = JWK & { readonly retired_at_ms?: number };

/**
 * The keys that grant tokens are signed and checked with. They serve nothing else: log, cookies and AWS have
 * their own.
 */
export interface GrantKeys {
  currentKid(): string;
  /** Compact JWS, RS256. @throws RangeError when no such key is held */
  sign(kid: string, claims: GrantClaims): Promise<string>;
  /** undefined: unknown, or retired so long ago that everything signed by it has expired. */
  verificationKey(kid: string, nowMs: number): CryptoKey | undefined;
  /** Public halves of all keys under which an unexpired token can exist; the current one first. */
  jwks(nowMs: number): JSONWebKeySet;
  /** Makes `next` the current key. What was prepared under the former one is still signed by it. */
  rotate(next: GrantKeyJwk, nowMs: number): Promise<void>;
}

interface HeldKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
  readonly retiredAtMs: number | undefined;
}

/**
 * @param privateJwks the first is current; a later one without `retired_at_ms` stays published as long as it
 * is given
 * @throws TypeError when there is none, one is not an RS256 key of 2,048 bits or more, or one comes twice
 */
export async function grantKeys(privateJwks: readonly GrantKeyJwk[]): Promise<GrantKeys> {
  let held: readonly HeldKey[] = distinct(await Promise.all(privateJwks.map(holdKey)));
  const find = (kid: string) => held.find((key) => key.kid === kid);
  const current = () => currentOf(held);
  current();
  return {
    currentKid: () => current().kid,
    sign: async (kid, claims) => {
      const key = find(kid);
      if (key === undefined) throw new RangeError('no grant key of that name is held');
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', typ: GRANT_TOKEN_TYPE, kid })
        .sign(key.privateKey);
    },
    verificationKey: (kid, nowMs) => {
      const key = find(kid);
      return key !== undefined && isPublished(key, nowMs) ? key.publicKey : undefined;
    },
    jwks: (nowMs) => ({ keys: held.filter((key) => isPublished(key, nowMs)).map((key) => key.publicJwk) }),
    rotate: async (next, nowMs) => {
      const added = await holdKey(next);
      // Read after the wait, so that two rotations at once cannot lose a key.
      const [former, ...older] = held;
      if (former !== undefined) held = distinct([added, { ...former, retiredAtMs: nowMs }, ...older]);
    },
  };
}

/** A new 2,048-bit RSA key; `kid` is its RFC 7638 SHA-256 thumbprint. */
export async function generateGrantKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' };
}

async function holdKey(jwk: GrantKeyJwk): Promise<HeldKey> {
  const { kty, n, e, d, kid, alg, use, retired_at_ms: retiredAtMs } = jwk;
  if (
    kty !== 'RSA' ||
    alg !== 'RS256' ||
    use !== 'sig' ||
    n === undefined ||
    e === undefined ||
    d === undefined
  ) {
    throw new TypeError('a grant key must be a private RSA key with alg RS256 and use sig');
  }
  // 2,048 bits are 342 characters of base64url.
  if (n.length < 342) throw new TypeError('a grant key must have at least 2,048 bits');
  const thumbprint = await calculateJwkThumbprint({ kty, n, e });
  if (kid !== thumbprint) throw new TypeError('the kid of a grant key must be its RFC 7638 thumbprint');
  const publicJwk = { kty, n, e, kid, alg, use };
  const [privateKey, publicKey] = await Promise.all([
    importRsa({ ...jwk, ext: false }),
    importRsa(publicJwk),
  ]);
  if (!(await isPair(privateKey, publicKey)))
    throw new TypeError('the halves of a grant key do not belong together');
  return { kid, privateKey, publicKey, publicJwk, retiredAtMs };
}

async function importRsa(jwk: JWK): Promise<CryptoKey> {
  // The cause is left behind on purpose: a parser's message may quote what it could not read.
  const key = await importJWK(jwk, 'RS256').catch(() => undefined);
  if (key === undefined || key instanceof Uint8Array) throw new TypeError('a grant key could not be read');
  return key;
}

/** The platform imports a key whose private members contradict each other; only a signature tells. */
async function isPair(privateKey: CryptoKey, publicKey: CryptoKey): Promise<boolean> {
  const trial = Uint8Array.of(1);
  const signature = await crypto.subtle
    .sign(privateKey.algorithm, privateKey, trial)
    .catch(() => new ArrayBuffer());
  return crypto.subtle.verify(publicKey.algorithm, publicKey, signature, trial);
}

function isPublished(key: HeldKey, nowMs: number): boolean {
  // No token signed by it was prepared after it retired, and none lives longer than the most; a minute for
  // clocks.
  return key.retiredAtMs === undefined || nowMs < key.retiredAtMs + (MOST_TOKEN_SECONDS + 60) * 1000;
}

function distinct(keys: readonly HeldKey[]): readonly HeldKey[] {
  if (new Set(keys.map((key) => key.kid)).size !== keys.length)
    throw new TypeError('the same grant key came twice');
  return keys;
}

function currentOf(keys: readonly HeldKey[]): HeldKey {
  const [first] = keys;
  if (first === undefined) throw new TypeError('at least one grant key is needed');
  if (first.retiredAtMs !== undefined) throw new TypeError('the first grant key is retired');
  return first;
}
