import { z } from '@hono/zod-openapi';
import type { FactorGiven } from '../../app/person/factor.ts';
import { act, assertion } from '../../domain/events.ts';
import { digest, list, totp } from '../fields.ts';

/** What a passkey signed. `statement` comes along where the call has no statement of its own. */
const signature = assertion.extend({ statement: act.optional() });

/** A factor, one way or the other: which one is wanted the policy says, and the refusal repeats. */
export const shown = {
  totp: totp.optional(),
  passkey: signature.optional().openapi({ description: 'Instead of a code: the signature of a passkey.' }),
};

export const givenFactor = ({
  totp: code,
  passkey,
}: {
  readonly totp?: string | undefined;
  readonly passkey?: z.output<typeof signature> | undefined;
}): FactorGiven => {
  if (passkey === undefined) return { totp: code };
  const { statement, ...made } = passkey;
  return { totp: code, passkey: { assertion: made, act: statement } };
};

/** For `navigator.credentials.get()`; null: the factor of the statement shows codes. */
export const signingOptions = z
  .strictObject({
    challenge: z.string(),
    rpId: z.string(),
    allowCredentials: list(z.strictObject({ id: z.string(), type: z.literal('public-key') })),
    userVerification: z.literal('required'),
    timeout: z.int(),
  })
  .nullable();

export const preparedAct = z.strictObject({
  statement: act,
  statement_digest: digest,
  passkey: signingOptions,
});

const base64url = (most: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'is unpadded base64url')
    .max(most);

/** What `navigator.credentials.create()` gave. */
export const registration = z.strictObject({
  credential: base64url(1366),
  client_data: base64url(2731),
  attestation_object: base64url(32_768),
});
