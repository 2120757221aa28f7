import type { Assertion, Passkey } from '../../domain/events.ts';
import { concat, equalBytes, fromBase64url, fromUtf8, hex, utf8 } from '../../log/bytes.ts';
import type { Hasher } from '../../log/hasher.ts';

/** WebAuthn §6.1: 32 bytes of hash, one of flags, four of counter; extensions may follow. */
const AUTHENTICATOR_DATA_BYTES = 37;
const USER_PRESENT = 0x01;
const USER_VERIFIED = 0x04;
const BACKUP_ELIGIBLE = 0x08;
const BACKED_UP = 0x10;

/** What an authenticator said, before anybody believes that it did. */
export interface ReadAssertion {
  /** The digest that was to be signed, `sha256:…`. */
  readonly challenge: string;
  readonly counter: number;
  /** The bytes that the signature is over (§6.3.3). */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** What checking a signature gave: what was signed, or a sentence on why nothing was. */
export type CheckedSignature = ReadAssertion | string;

/** WebAuthn §7.2, steps 11 to 21, from the log alone; a sentence: why it is no signature of this passkey. */
export function readAssertion(assertion: Assertion, passkey: Passkey, hasher: Hasher): CheckedSignature {
  if (assertion.credential !== passkey.credential) return 'it is of another credential';
  const clientBytes = bytesOf(assertion.client_data);
  const data = bytesOf(assertion.authenticator_data);
  const signature = bytesOf(assertion.signature);
  if (clientBytes === undefined || data === undefined || signature === undefined)
    return 'it is not spelled in base64url';
  const challenge = challengeOf(clientBytes, passkey);
  if (typeof challenge === 'string') return challenge;
  if (data.length < AUTHENTICATOR_DATA_BYTES) return 'its authenticator data are cut off';
  if (!equalBytes(data.subarray(0, 32), hasher.sha256(utf8(passkey.rp_id))))
    return 'it was made for another relying party';
  const flags = data[32] ?? 0;
  if ((flags & USER_PRESENT) === 0) return 'nobody was present';
  if ((flags & USER_VERIFIED) === 0) return 'the authenticator had not verified its user';
  const mayBeCopied = (flags & BACKUP_ELIGIBLE) !== 0;
  // Settled when it is made, and a copy exists only of one that may (§6.1.3).
  if (mayBeCopied !== passkey.backup_eligible)
    return 'whether it may be copied is not what its enrolment says';
  if (!mayBeCopied && (flags & BACKED_UP) !== 0) return 'it is backed up, and cannot be';
  const message = concat(data, hasher.sha256(clientBytes));
  const counter = new DataView(data.buffer, data.byteOffset).getUint32(33);
  return { challenge: `sha256:${hex(challenge)}`, counter, message, signature };
}

/** The challenge in the client data; a sentence: why they are not of a page of ours. */
function challengeOf(clientBytes: Uint8Array, passkey: Passkey): Uint8Array | string {
  const client = parsed(clientBytes);
  if (client === undefined) return 'its client data are no JSON';
  const { type, challenge, origin, crossOrigin, topOrigin } = client;
  if (type !== 'webauthn.get') return 'it was not made to sign';
  if (origin !== passkey.origin) return 'it was made at another page';
  if ((crossOrigin ?? false) !== false || topOrigin !== undefined)
    return 'it was made inside somebody else’s page';
  const bytes = typeof challenge === 'string' ? bytesOf(challenge) : undefined;
  return bytes?.length === 32 ? bytes : 'its challenge is no digest';
}

function parsed(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(fromUtf8(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>) // an object of JSON has text for its keys
      : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(text: string): Uint8Array | undefined {
  try {
    return fromBase64url(text);
  } catch {
    return undefined;
  }
}
