/** A public key of one of the three algorithms that passkeys here may have, as RFC 7517 and RFC 8037 write it. */
export type PasskeyKey =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string };

/**
 * Given by the platform: ES256 (the signature in DER, as authenticators give it), EdDSA or RS256, by the key's type.
 * false for whatever is no signature of that key; throws for no key of this world.
 */
export type VerifySignature = (
  key: PasskeyKey,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;
