import type { AuthenticatorCodes, Random, Sealer } from '../../src/app/ports.ts';
import { base64, equalBytes, utf8 } from '../../src/log/bytes.ts';
import type { Hasher } from '../../src/log/hasher.ts';
import type { NoteSigner, VerifyEd25519 } from '../../src/log/note.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

const BLOCK_BYTES = 64;

/** HMAC (RFC 2104) of two one-shot hashes: the same bytes as Node's `createHmac`, at a fifth of the time. */
function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? nodeHasher.sha256(key) : key);
  const padded = (pad: number, text: Uint8Array) =>
    nodeHasher.sha256(
      joined(
        block.map((byte) => byte ^ pad),
        text,
      ),
    );
  return padded(0x5c, padded(0x36, message));
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}

export const simulatedHasher: Hasher = { sha256: nodeHasher.sha256, hmacSha256 };

/**
 * Signs and verifies with a secret that both sides know. Ed25519 took 34 µs to sign and 153 µs to verify, on each
 * commit that another broker follows: more than all the rest of a step. Whom a signature convinces is tested with real
 * keys (test/log, test/app); here it only has to differ when the text differs.
 */
export function simulatedSigning(origin: string): { signer: NoteSigner; verify: VerifyEd25519 } {
  const secret = nodeHasher.sha256(utf8(`signing key of ${origin}`));
  const publicKey = nodeHasher.sha256(secret);
  const sign = (message: Uint8Array) => {
    const half = hmacSha256(secret, message);
    return joined(half, nodeHasher.sha256(half));
  };
  return {
    signer: { name: origin, publicKey, sign },
    verify: (key, message, signature) => equalBytes(key, publicKey) && equalBytes(sign(message), signature),
  };
}

/** Keeps what a sealer promises: opened under another purpose, or changed by a bit, it throws. It hides nothing. */
export function simulatedSealer(): Sealer {
  const tag = (plain: Uint8Array, associated: string) => hmacSha256(utf8(associated), plain);
  return {
    seal: (plain, associated) => joined(tag(plain, associated), plain),
    open(sealed, associated) {
      const plain = sealed.slice(32);
      if (!equalBytes(sealed.slice(0, 32), tag(plain, associated)))
        throw new Error('this was sealed otherwise');
      return plain;
    },
  };
}

const STEP_MS = 30_000;
export const stepAt = (nowMs: number): number => Math.floor(nowMs / STEP_MS);

/** Six digits by seed and step, as RFC 6238 has them; made with a hash that takes a twentieth of the time. */
export function codeAt(seed: Uint8Array, step: number): string {
  const [a = 0, b = 0, c = 0, d = 0] = nodeHasher.sha256(joined(seed, utf8(String(step))));
  return String((((a & 0x7f) << 24) | (b << 16) | (c << 8) | d) % 1_000_000).padStart(6, '0');
}

/** The present step and the one before, like `matchTotp`. */
export const simulatedAuthenticator = (random: Random): AuthenticatorCodes => ({
  newSeed: () => random.bytes(20),
  uri: (account) => `otpauth://totp/${account}`,
  text: base64,
  match({ seed, code, nowMs }) {
    const step = [stepAt(nowMs), stepAt(nowMs) - 1].find((one) => codeAt(seed, one) === code);
    return step === undefined ? undefined : { step };
  },
});
