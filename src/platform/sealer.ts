import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Sealer } from '../app/ports.ts';

/** `id` is 1 to 64 bytes of ASCII and stands in the open; `key` is 32 random bytes. */
export interface SealingKey {
  readonly id: string;
  readonly key: Uint8Array;
}

const CIPHER = 'aes-256-gcm';
const FORMAT = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM (NIST SP 800-38D) with a fresh 96-bit nonce a value. The first key seals, any of them opens.
 * Form: format (1 byte) ‖ length of key id (1 byte) ‖ key id ‖ nonce ‖ ciphertext ‖ tag.
 * Random nonces are safe up to 2^32 values a key, far above what one broker seals.
 */
export function sealer(keys: readonly SealingKey[]): Sealer {
  const keysById = new Map(keys.map((key) => [key.id, checkedKey(key)]));
  const current = keys[0];
  if (current === undefined) throw new RangeError('there is no sealing key');
  if (keysById.size !== keys.length) throw new RangeError('two sealing keys have the same id');
  const header = headerOf(current.id);
  return {
    seal(plain, associated) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, current.key, nonce, { authTagLength: TAG_BYTES });
      cipher.setAAD(associatedData(header, associated));
      return new Uint8Array(
        Buffer.concat([header, nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]),
      );
    },
    open: (sealed, associated) => open(keysById, Buffer.from(sealed), associated),
  };
}

function open(keys: ReadonlyMap<string, Uint8Array>, sealed: Buffer, associated: string): Uint8Array {
  const headerLength = 2 + (sealed[1] ?? 0);
  if (sealed[0] !== FORMAT || sealed.length < headerLength + NONCE_BYTES + TAG_BYTES) {
    throw new RangeError('not a sealed value');
  }
  const header = sealed.subarray(0, headerLength);
  const key = keys.get(header.subarray(2).toString('latin1'));
  if (key === undefined) throw new RangeError('sealed under a key that is not here');
  const nonce = sealed.subarray(headerLength, headerLength + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(header, associated));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const body = sealed.subarray(headerLength + NONCE_BYTES, sealed.length - TAG_BYTES);
  return new Uint8Array(Buffer.concat([decipher.update(body), decipher.final()]));
}

function headerOf(keyId: string): Buffer {
  return Buffer.concat([Buffer.of(FORMAT, keyId.length), Buffer.from(keyId, 'latin1')]);
}

// The header says its own length, so header and associated text cannot be shifted into each other.
function associatedData(header: Buffer, associated: string): Buffer {
  return Buffer.concat([header, Buffer.from(associated, 'utf8')]);
}

function checkedKey({ id, key }: SealingKey): Uint8Array {
  if (!/^[\x21-\x7e]{1,64}$/.test(id)) throw new RangeError('a sealing key id is 1 to 64 ASCII characters');
  if (key.length !== KEY_BYTES) throw new RangeError(`sealing key ${id} has not ${KEY_BYTES} bytes`);
  return key;
}
