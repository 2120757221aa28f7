import type { VerifyEd25519 } from '../../src/log/note.ts';

/** RFC 8032 by the browser itself; false for anything that is no key or no signature. */
export const verifyEd25519: VerifyEd25519 = async (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  const key = await imported(publicKey);
  if (key === undefined) return false;
  return crypto.subtle.verify('Ed25519', key, Uint8Array.from(signature), Uint8Array.from(message));
};

/**
 * undefined: not a key.
 * @throws Error in a browser that knows no Ed25519: that a signature could not be checked is no verdict on it
 */
async function imported(publicKey: Uint8Array): Promise<CryptoKey | undefined> {
  try {
    return await crypto.subtle.importKey('raw', Uint8Array.from(publicKey), 'Ed25519', false, ['verify']);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'NotSupportedError')
      throw new Error('This browser cannot check Ed25519 signatures. Use one of 2025 or later.');
    return undefined;
  }
}
