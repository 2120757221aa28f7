import { fromBase64url, hex } from '../../log/bytes.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { inCommand } from '../command.ts';
import type { Hearing } from '../hearing.ts';
import { passkeyProofOf, signatureKey } from '../passkey/check-signatures.ts';
import { readCoseKey } from '../passkey/cose-key.ts';
import { notProvedHere } from './factor-proof.ts';

type Enrolled = JudgedEntry<'countersign.factor.enrolled.v1'>;
type Used = JudgedEntry<'countersign.factor.used.v1'>;

/** A new authenticator shows its first code; an older factor that it rests on signs or is shown for this very one. */
export function notEnrolledByProof(entry: Enrolled, _: object, hearing: Hearing): string | undefined {
  const { proof, factor, passkey, means } = entry.data;
  if (passkey === null && !isShownIn(entry, hearing))
    return `no code of the new factor ${factor} was shown in the same command`;
  if ((means === 'factor') !== (proof !== null))
    return 'it rests on a factor, and names none, or the reverse';
  if (proof === null) return undefined;
  const isAbout = (about: string) => about === factor;
  const signed = { act: 'enrol', isActAbout: isAbout, actDigest: keyDigest(entry, hearing) } as const;
  return notProvedHere(entry, { proof, purpose: 'enrol', isAbout, signed }, hearing);
}

const isShownIn = ({ data: { factor } }: Enrolled, { command }: Hearing): boolean =>
  inCommand(command, 'countersign.factor.used.v1').some(
    ({ data }) => data.purpose === 'enrol' && data.factor === factor && data.about === factor,
  );

function keyDigest({ data: { passkey } }: Enrolled, { hasher }: Hearing): string | null {
  const bytes = passkey === null ? undefined : bytesOf(passkey.public_key);
  return bytes === undefined ? null : `sha256:${hex(hasher.sha256(bytes))}`;
}

/** Why a passkey could be nobody's: nothing that it signs can then be checked. */
export function unsoundPasskey({ data }: Enrolled, _: object, { state }: Hearing): string | undefined {
  const { passkey, factor_kind } = data;
  if ((factor_kind === 'passkey') !== (passkey !== null)) return 'its kind is not what it holds';
  if (passkey === null) return undefined;
  const key = bytesOf(passkey.public_key);
  if (key === undefined || readCoseKey(key, passkey.algorithm) === undefined)
    return 'it holds no public key of its algorithm';
  if (passkey.backed_up && !passkey.backup_eligible) return 'it is backed up, and cannot be';
  if (!isPageOf(passkey.origin, passkey.rp_id)) return `${passkey.origin} is no page of ${passkey.rp_id}`;
  const before = state.credentials.get(passkey.credential);
  return before && `its credential was enrolled before, as ${before}`;
}

function isPageOf(origin: string, rpId: string): boolean {
  const page = URL.canParse(origin) ? new URL(origin) : undefined;
  return page?.origin === origin && page.hostname === rpId;
}

export function unlistedAuthenticator({ data }: Enrolled, _: object, { state }: Hearing): string | undefined {
  const demands = state.policy?.policy?.passkeys;
  if (data.passkey === null || demands === undefined) return undefined;
  const { aaguid, attestation_format } = data.passkey;
  if (demands.attestation === 'required' && attestation_format === 'none')
    return 'the policy wants an attestation, and there was none';
  return demands.authenticators === undefined || demands.authenticators.includes(aaguid)
    ? undefined
    : `the policy does not list the authenticator ${aaguid}`;
}

/** An authenticator that counts never says the same or less again; what the entry says is what was signed. */
export function countsBack({ data }: Used, _: object, { state, command, signatures }: Hearing) {
  if (data.counter === null) return undefined;
  const proof = command.entries.map(passkeyProofOf).find((one) => one?.nonce === data.nonce);
  const checked = proof && signatures.get(signatureKey(data.person, proof));
  if (typeof checked === 'object' && checked.counter !== data.counter)
    return `the authenticator counted ${checked.counter}, not ${data.counter}`;
  const before = state.people.get(data.person)?.factors.get(data.factor)?.counter ?? 0;
  return before === 0 || data.counter > before
    ? undefined
    : `it had counted ${before} before, and now ${data.counter}`;
}

function bytesOf(text: string): Uint8Array | undefined {
  try {
    return fromBase64url(text);
  } catch {
    return undefined;
  }
}
