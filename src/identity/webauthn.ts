import { generateRegistrationOptions, verifyRegistrationResponse } from '@simplewebauthn/server';
import {
  cose,
  decodeAttestationObject,
  decodeClientDataJSON,
  decodeCredentialPublicKey,
  parseAuthenticatorData,
  verifySignature,
} from '@simplewebauthn/server/helpers';
import type { Clock, CreationOptions, Passkeys, RegistrationAnswer } from '../app/ports.ts';
import type { Assertion, Passkey } from '../domain/events.ts';
import { base64url, concat, equalBytes, fromBase64url, hex, utf8 } from '../log/bytes.ts';
import type { Hasher } from '../log/hasher.ts';
import { type AttestationRoot, rootLedTo } from './attestation-roots.ts';

/** EdDSA, ES256, RS256 (RFC 9053, RFC 8812): what every auditor can check, and nothing that a library may add. */
const ALGORITHMS: Passkey['algorithm'][] = [-8, -7, -257];
const CEREMONY_MS = 300_000;
/** Flags of the authenticator data (WebAuthn §6.1). */
const flag = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10 } as const;

/**
 * Passkeys of one relying party: the host of the configured address, and its origin only. What a browser sends is
 * untrusted, every byte.
 */
export function passkeysOf({
  publicUrl,
  hasher,
  makers = nobody,
}: {
  readonly publicUrl: string;
  readonly hasher: Hasher;
  /** Whose certificates are believed; left out: nobody's are looked at. */
  readonly makers?: Makers;
}): Passkeys {
  const { origin, hostname: rpId } = new URL(publicUrl);
  return {
    makersAreKnown: makers.roots.length > 0,
    options: (ask) => creationOptions({ origin, rpId, hasher }, ask),
    register: async (answer, challenge) => {
      try {
        return await register({ origin, rpId, hasher }, answer, challenge, makers);
      } catch {
        // The library throws for whatever does not fit; what it says quotes the caller.
        return undefined;
      }
    },
    verify: async (assertion, passkey) => {
      try {
        return passkey.rp_id === rpId && passkey.origin === origin
          ? await verify(hasher, assertion, passkey)
          : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

interface Makers {
  readonly roots: readonly AttestationRoot[];
  readonly clock: Pick<Clock, 'nowMs'>;
}

const nobody: Makers = { roots: [], clock: { nowMs: () => 0 } };

async function creationOptions(
  { rpId, hasher }: RelyingParty,
  ask: Parameters<Passkeys['options']>[0],
): Promise<CreationOptions> {
  const options = await generateRegistrationOptions({
    rpName: 'Countersign',
    rpID: rpId,
    userName: ask.label,
    userDisplayName: ask.label,
    // Stays in the authenticator: nothing that says who they are.
    userID: copied(hasher.sha256(utf8(ask.person))),
    challenge: copied(ask.challenge),
    timeout: CEREMONY_MS,
    attestationType: ask.attestation === 'required' ? 'direct' : 'none',
    excludeCredentials: ask.known.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    supportedAlgorithmIDs: ALGORITHMS,
  });
  // Plain JSON of the library's own making.
  return structuredClone(options) as unknown as CreationOptions;
}

/** The library's types want memory that is shared with nobody. */
const copied = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);

interface RelyingParty {
  readonly origin: string;
  readonly rpId: string;
  readonly hasher: Hasher;
}

async function register(
  { origin, rpId, hasher }: RelyingParty,
  { credential, client_data, attestation_object }: RegistrationAnswer,
  challenge: Uint8Array,
  { roots, clock }: Makers,
): Promise<Passkey | undefined> {
  const { verified, registrationInfo: made } = await verifyRegistrationResponse({
    response: {
      id: credential,
      rawId: credential,
      type: 'public-key',
      clientExtensionResults: {},
      response: { clientDataJSON: client_data, attestationObject: attestation_object },
    },
    expectedChallenge: base64url(challenge),
    expectedOrigin: origin,
    expectedRPID: rpId,
    expectedType: 'webauthn.create',
    requireUserPresence: true,
    requireUserVerification: true,
    supportedAlgorithmIDs: ALGORITHMS,
  });
  if (!verified || !made.userVerified || made.credential.id !== credential || isFramed(client_data))
    return undefined;
  const algorithm = algorithmOf(made.credential.publicKey);
  if (algorithm === undefined) return undefined;
  return {
    credential,
    public_key: base64url(made.credential.publicKey),
    algorithm,
    aaguid: made.aaguid,
    rp_id: rpId,
    origin,
    backup_eligible: made.credentialDeviceType === 'multiDevice',
    backed_up: made.credentialBackedUp,
    counter: made.credential.counter,
    attestation_format: made.fmt,
    attestation_digest: `sha256:${hex(hasher.sha256(fromBase64url(attestation_object)))}`,
    attestation_root: rootLedTo(makersChain(attestation_object), roots, clock.nowMs()) ?? null,
  };
}

/** What its signature was verified with; none: its maker was not asked, or it vouches for itself. */
function makersChain(attestationObject: string): readonly Uint8Array[] {
  const object = decodeAttestationObject(copied(fromBase64url(attestationObject)));
  return object.get('attStmt').get('x5c') ?? [];
}

/** A page inside somebody else's, which may lay anything over it. */
function isFramed(clientData: string): boolean {
  const { crossOrigin, topOrigin } = decodeClientDataJSON(clientData);
  return (crossOrigin ?? false) !== false || topOrigin !== undefined;
}

function algorithmOf(coseKey: Uint8Array): Passkey['algorithm'] | undefined {
  const named = decodeCredentialPublicKey(copied(coseKey)).get(cose.COSEKEYS.alg);
  return ALGORITHMS.find((algorithm) => algorithm === named);
}

async function verify(
  hasher: Hasher,
  assertion: Assertion,
  passkey: Passkey,
): Promise<{ readonly challenge: string; readonly counter: number } | undefined> {
  if (assertion.credential !== passkey.credential) return undefined;
  const client = decodeClientDataJSON(assertion.client_data);
  if (client.type !== 'webauthn.get' || client.origin !== passkey.origin || isFramed(assertion.client_data))
    return undefined;
  const authenticatorData = copied(fromBase64url(assertion.authenticator_data));
  const { rpIdHash, flags, counter } = parseAuthenticatorData(authenticatorData);
  const isOurs = equalBytes(rpIdHash, hasher.sha256(utf8(passkey.rp_id)));
  const verified = flags.flagsInt & flag.userPresent && flags.flagsInt & flag.userVerified;
  if (!isOurs || !verified || !backupFits(flags.flagsInt, passkey)) return undefined;
  const clientHash = hasher.sha256(fromBase64url(assertion.client_data));
  const isSigned = await verifySignature({
    signature: copied(fromBase64url(assertion.signature)),
    data: copied(concat(authenticatorData, clientHash)),
    credentialPublicKey: copied(fromBase64url(passkey.public_key)),
  });
  return isSigned ? { challenge: `sha256:${hex(fromBase64url(client.challenge))}`, counter } : undefined;
}

/** Whether it may be copied is settled when it is made; a copy exists only of one that may (WebAuthn §6.1.3). */
function backupFits(flags: number, passkey: Passkey): boolean {
  const isEligible = (flags & flag.backupEligible) !== 0;
  return isEligible === passkey.backup_eligible && (isEligible || (flags & flag.backedUp) === 0);
}
