import { z } from 'zod';
import { digest, id, name, text, time_ms } from './fields.ts';

/** What somebody does with a passkey where the entry has no statement of its own. */
export const actPurpose = z.enum([
  'request',
  'open',
  'enrol',
  'vouch',
  'vouch-recovery',
  'remove',
  'leave',
  'return',
  'reset',
  'confirm-reset',
  'sign-in',
]);
export type ActPurpose = z.infer<typeof actPurpose>;

/** The RFC 8785 form of this value is what a passkey signs for everything but a review and a publication. */
export const act = z.strictObject({
  purpose: actPurpose,
  about: name.describe(
    'What or whom: the entitlement asked for, the grant to be opened, the factor to be enrolled or removed, the person, the reset to be confirmed, the page that is signed in to.',
  ),
  digest: digest
    .nullable()
    .describe('Of all that is asked for, or of the new passkey’s public key; null: `about` says it all.'),
  person: id
    .nullable()
    .describe('Who signs; null, to sign in: nobody knows yet who comes, and the credential says it.'),
  factor: id.nullable().describe('With which; null as for the person.'),
  nonce: text(44),
  expires_at_ms: time_ms,
  log: z.strictObject({ origin: name, size: z.int().min(1), root: text(44) }),
});
export type Act = z.infer<typeof act>;
