import type { PasskeyKey, VerifySignature } from '../audit/passkey/verify-signature.ts';

const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;
const algorithms = { EC: ecdsa, OKP: { name: 'Ed25519' }, RSA: rsa } as const satisfies Record<
  PasskeyKey['kty'],
  object
>;

/** By WebCrypto, which Node and browsers have alike. */
export const verifySignature: VerifySignature = async (key, message, signature) => {
  const algorithm = algorithms[key.kty];
  const raw = key.kty === 'EC' ? rawOfDer(signature) : signature;
  if (raw === undefined) return false;
  const imported = await crypto.subtle.importKey('jwk', { ...key }, algorithm, false, ['verify']);
  return crypto.subtle.verify(algorithm, imported, new Uint8Array(raw), new Uint8Array(message));
};

const COORDINATE_BYTES = 32;

/** Authenticators give r and s as DER (X.690 §8.3, §8.9), WebCrypto takes them side by side; undefined: no such pair. */
function rawOfDer(der: Uint8Array): Uint8Array | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = readInteger(der, 2);
  const s = r && readInteger(der, r.end);
  if (r === undefined || s === undefined || s.end !== der.length) return undefined;
  const raw = new Uint8Array(2 * COORDINATE_BYTES);
  raw.set(r.value, COORDINATE_BYTES - r.value.length);
  raw.set(s.value, 2 * COORDINATE_BYTES - s.value.length);
  return raw;
}

/** A positive integer in its shortest form, without the byte that only says that it is positive. */
function readInteger(
  der: Uint8Array,
  at: number,
): { readonly value: Uint8Array; readonly end: number } | undefined {
  const length = der[at + 1];
  if (der[at] !== 0x02 || length === undefined || length === 0) return undefined;
  const end = at + 2 + length;
  const first = der[at + 2] ?? 0;
  const second = der[at + 3] ?? 0;
  const isPadded = first === 0 && length > 1;
  if (end > der.length || first >= 0x80 || (isPadded && second < 0x80)) return undefined;
  const value = der.subarray(at + 2 + (isPadded ? 1 : 0), end);
  return value.length <= COORDINATE_BYTES ? { value, end } : undefined;
}
