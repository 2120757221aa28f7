import { X509Certificate } from 'node:crypto';

/** More certificates than any maker's chain has. */
const LONGEST_CHAIN = 6;
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** A certificate that is believed, and its digest, `sha256:…`, by which logs name it. */
export interface AttestationRoot {
  readonly certificate: X509Certificate;
  readonly digest: string;
}

/** Every certificate in a text of PEM (RFC 7468); undefined: there is none, or one that cannot be read. */
export function readRoots(text: string): readonly AttestationRoot[] | undefined {
  const found = text.match(PEM) ?? [];
  try {
    return found.length === 0 ? undefined : found.map((pem) => rootOf(new X509Certificate(pem)));
  } catch {
    return undefined;
  }
}

const rootOf = (certificate: X509Certificate): AttestationRoot => ({
  certificate,
  digest: `sha256:${certificate.fingerprint256.replaceAll(':', '').toLowerCase()}`,
});

/**
 * Where a maker's chain leads to (WebAuthn §7.1, step 25): each certificate signed by the next, all of them in their time,
 * those that sign allowed to. Nobody is asked: addresses that stand in a certificate are not called.
 * @param chain DER, the authenticator's own certificate first
 * @returns the root's digest; undefined: to none of these
 */
export function rootLedTo(
  chain: readonly Uint8Array[],
  roots: readonly AttestationRoot[],
  nowMs: number,
): string | undefined {
  if (chain.length === 0 || chain.length > LONGEST_CHAIN) return undefined;
  const certificates = chain.map((der) => new X509Certificate(der));
  const isUnbroken = certificates.every((certificate, place) => {
    const issuer = certificates[place + 1];
    return isInTime(certificate, nowMs) && (issuer === undefined || isSignedBy(certificate, issuer));
  });
  const last = certificates.at(-1);
  if (!isUnbroken || last === undefined) return undefined;
  return roots.find(
    ({ certificate }) =>
      isInTime(certificate, nowMs) && (last.raw.equals(certificate.raw) || isSignedBy(last, certificate)),
  )?.digest;
}

const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

const isInTime = ({ validFrom, validTo }: X509Certificate, nowMs: number): boolean =>
  Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo);
