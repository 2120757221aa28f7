import { z } from 'zod';
import { act } from './act.ts';
import { id, text, time_ms } from './fields.ts';

const base64url = (most: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(most);

/** What an authenticator gives for a challenge (WebAuthn §6.3.3), each as unpadded base64url. */
export const assertion = z.strictObject({
  credential: base64url(1366).describe('The credential’s id, as its enrolment says it.'),
  client_data: base64url(2731).describe('The bytes of clientDataJSON: type, challenge, origin.'),
  authenticator_data: base64url(1366).describe('Relying party, flags, counter.'),
  signature: base64url(1366).describe('Over the authenticator data and the SHA-256 of the client data.'),
});
export type Assertion = z.infer<typeof assertion>;

const proved_at_ms = time_ms.describe(
  'The command that spent it; an opening may rest on the request’s proof for a quarter of an hour.',
);

/**
 * How a factor was shown. `totp` is attested: the broker checked it, and a stranger cannot check it again. `passkey` is
 * signed: whoever has the public key of its enrolment checks it, over the statement of the entry or the act in here.
 */
export const proof = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('totp'), factor: id, step: z.int().min(0), proved_at_ms }),
  z.strictObject({
    kind: z.literal('passkey'),
    factor: id,
    ...assertion.shape,
    nonce: text(44),
    act: act.nullable().describe('What was signed; null: the statement of the entry.'),
    proved_at_ms,
  }),
]);
export type FactorProof = z.infer<typeof proof>;
export type PasskeyProof = Extract<FactorProof, { kind: 'passkey' }>;

/** A passkey as its enrolment made it known. */
export const passkey = z.strictObject({
  credential: base64url(1366).describe('The credential’s id, of the authenticator’s making.'),
  public_key: base64url(1366).describe('The COSE_Key of RFC 9052, as the authenticator gave it.'),
  algorithm: z.literal([-8, -7, -257]).describe('EdDSA, ES256 or RS256.'),
  aaguid: z
    .string()
    .regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    .describe('The make of the authenticator; without an attestation only what it says of itself.'),
  rp_id: text(253).describe('The relying party that it signs for.'),
  origin: text(300).describe('The only page at which it signs.'),
  backup_eligible: z.boolean().describe('Whether it may be on several devices.'),
  backed_up: z.boolean().describe('Whether it was.'),
  counter: z.int().min(0).describe('What it had counted; 0: it does not count.'),
  attestation_format: text(32).describe('`none`: its maker was not asked.'),
  attestation_digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .describe('Of the whole attestation object, which is not kept.'),
  attestation_root: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .nullable()
    .describe(
      'To which of the configured makers’ certificates its attestation led; null: to none, or none are configured.',
    ),
});
export type Passkey = z.infer<typeof passkey>;
