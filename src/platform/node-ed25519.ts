import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { NoteSigner, VerifyEd25519 } from '../log/note.ts';

// SubjectPublicKeyInfo of an Ed25519 key is this fixed head and the 32 bytes (RFC 8410 §4).
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/** A signer that answers at once. Throws TypeError when the PEM (PKCS #8) holds another kind of key. */
export function ed25519Signer(name: string, privateKeyPem: string): NoteSigner {
  const privateKey = createPrivateKey(privateKeyPem);
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new TypeError('the private key is not an Ed25519 key');
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    name,
    publicKey: new Uint8Array(spki.subarray(SPKI_HEAD.length)),
    sign: (message) => sign(null, message, privateKey),
  };
}

/** RFC 8032 verification by Node; false for anything that is no key or no signature. */
export const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: 'der', type: 'spki' });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
};

/** A new private key as PKCS #8 PEM. */
export function generateEd25519Pem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
