import type { CryptoKey, JWK, JWTHeaderParameters, JWTPayload } from 'jose';
import { calculateJwkThumbprint, importJWK, jwtVerify } from 'jose';
import { Failure } from '../domain/errors.ts';
import { equalInConstantTime } from './constant-time.ts';
import { accessTokenHash } from './dpop-proof.ts';
import { leastRecentlyUsed } from './least-recently-used.ts';

const ALGORITHMS = ['ES256', 'EdDSA'];
const MOST_PROOF_CHARACTERS = 4096;
const MOST_JTI_CHARACTERS = 128;
const MOST_KNOWN_KEYS = 10_000;
/** How far a client's clock may be off, either way. */
export const PROOF_WINDOW_SECONDS = 60;

export interface DpopCall {
  /** The `DPoP` header, untrusted. */
  readonly proof: string;
  readonly method: string;
  /** Of the configured public address and the route: never made from `Host` or `X-Forwarded-*`. */
  readonly url: string;
  /** The token the call carries; absent only where tokens are handed out. */
  readonly accessToken?: string;
  readonly nowMs: number;
}

/** A proof that holds; it counts once its `jti` went through `ReplayMemory.spend`. */
export interface VerifiedProof {
  /** RFC 7638 thumbprint of the key that signed. */
  readonly thumbprint: string;
  readonly jti: string;
  /** From here on the proof is too old by itself, milliseconds since 1970. */
  readonly expiresAtMs: number;
}

export type VerifyDpop = (call: DpopCall) => Promise<VerifiedProof>;

interface KnownKey {
  readonly key: CryptoKey;
  readonly thumbprint: string;
}

/**
 * Checks of RFC 9449 §4.3 but for replay, which `replayMemory` does once the token was found too: otherwise
 * anybody with a key of their own could fill that memory. Imported keys are kept, so that a repeat costs
 * one verification. The returned function throws Failure `not-signed-in`.
 */
export function dpopVerifier(): VerifyDpop {
  const knownKeys = leastRecentlyUsed<KnownKey>(MOST_KNOWN_KEYS);
  return async (call) => {
    if (call.proof.length > MOST_PROOF_CHARACTERS) throw refusal('is too long');
    const signer: { known?: KnownKey } = {};
    const claims = await verifySignature(call, async (header) => {
      signer.known = await keyOf(header, knownKeys);
      return signer.known.key;
    });
    if (signer.known === undefined) throw refusal('has no key');
    return { thumbprint: signer.known.thumbprint, ...checkClaims(claims, call) };
  };
}

async function verifySignature(
  { proof, nowMs }: DpopCall,
  findKey: (header: JWTHeaderParameters) => Promise<CryptoKey>,
): Promise<JWTPayload> {
  try {
    const verified = await jwtVerify(proof, findKey, {
      algorithms: ALGORITHMS,
      typ: 'dpop+jwt',
      currentDate: new Date(nowMs),
    });
    return verified.payload;
  } catch (cause) {
    throw cause instanceof Failure ? cause : refusal('does not verify');
  }
}

async function keyOf(
  header: JWTHeaderParameters,
  known: ReturnType<typeof leastRecentlyUsed<KnownKey>>,
): Promise<KnownKey> {
  const jwk = publicKeyOnly(header.jwk);
  const name = `${header.alg} ${jwk.crv} ${jwk.x} ${jwk.y ?? ''}`;
  const found = known.get(name);
  if (found !== undefined) return found;
  const key = await importJWK(jwk, header.alg);
  if (key instanceof Uint8Array) throw refusal('has no public key');
  const fresh = { key, thumbprint: await calculateJwkThumbprint(jwk) };
  known.set(name, fresh);
  return fresh;
}

/**
 * Only the members that make the public key go on; a private or symmetric key in the header is refused
 * (§4.3 step 7).
 */
function publicKeyOnly(jwk: JWK | undefined): JWK {
  if (jwk === undefined || typeof jwk !== 'object' || jwk === null) throw refusal('has no key');
  for (const secret of ['d', 'k', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv']) {
    if (Object.hasOwn(jwk, secret)) throw refusal('shows a private key');
  }
  const { kty, crv, x, y } = jwk;
  if (kty === 'EC' && crv === 'P-256' && typeof x === 'string' && typeof y === 'string')
    return { kty, crv, x, y };
  if (kty === 'OKP' && crv === 'Ed25519' && typeof x === 'string') return { kty, crv, x };
  throw refusal('has a key of another kind');
}

function checkClaims(claims: JWTPayload, call: DpopCall): { jti: string; expiresAtMs: number } {
  const { jti, iat, htm, htu, ath } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > MOST_JTI_CHARACTERS)
    throw refusal('has no usable jti');
  if (htm !== call.method) throw refusal('is for another method');
  if (typeof htu !== 'string' || !isSameTarget(htu, call.url)) throw refusal('is for another address');
  const nowSeconds = call.nowMs / 1000;
  if (typeof iat !== 'number' || !(Math.abs(nowSeconds - iat) <= PROOF_WINDOW_SECONDS)) {
    throw refusal(`was made more than ${PROOF_WINDOW_SECONDS} s away from now: is the clock right?`);
  }
  if (call.accessToken !== undefined) {
    const expected = accessTokenHash(call.accessToken);
    if (typeof ath !== 'string' || !equalInConstantTime(ath, expected)) throw refusal('is for another token');
  }
  return { jti, expiresAtMs: (iat + PROOF_WINDOW_SECONDS) * 1000 + 1 };
}

/** Compared as URLs without query and fragment (§4.3 step 9). */
function isSameTarget(htu: string, url: string): boolean {
  if (!URL.canParse(htu)) return false;
  const said = new URL(htu);
  const real = new URL(url);
  const bare = said.username === '' && said.password === '';
  return bare && said.origin === real.origin && said.pathname === real.pathname;
}

const refusal = (what: string): Failure =>
  new Failure('not-signed-in', `the DPoP proof ${what}`, { mend: 'countersign login' });
