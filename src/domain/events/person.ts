import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, text, time_ms } from './fields.ts';
import { authentication, userManagement } from './ocsf.ts';
import { proof } from './proof.ts';

export const personEvents = {
  'countersign.person.authenticated.v1': event(
    {
      sign_in: id,
      person: id,
      issuer: name,
      groups,
      auth_time_ms: time_ms.nullable(),
      acr: name.nullable(),
      key_set_digest: digest.nullable(),
      key_thumbprint: text(60).describe(
        'RFC 7638 thumbprint of the key that this sign-in’s tokens are bound to.',
      ),
      expires_at_ms: time_ms,
      way: z
        .enum(['command-line', 'browser', 'device', 'passkey'])
        .describe(
          '`device`: a machine without a browser, let in by the person from another one. `passkey`: a browser, by a passkey alone, while the provider did not answer; the groups are those that it told before.',
        ),
      may: z
        .enum(['everything', 'ask'])
        .describe('`ask`: it asks, sees and withdraws; it never decides, opens, enrols or publishes.'),
      proof: proof
        .nullable()
        .describe('Of the passkey alone that signed them in; null: the identity provider vouched for them.'),
    },
    {
      sentence:
        '{person} signed in {way|command-line: through|browser: through|device: through|passkey: by a passkey, without} {issuer}.',
      ocsf: ({ person, groups, sign_in, way }) =>
        authentication('Logon', person, {
          groups,
          session: sign_in,
          severity: way === 'passkey' ? 'Medium' : 'Informational',
        }),
    },
    'subject',
    'display_name',
    'address',
    'user_agent',
    'id_token',
  ),
  'countersign.person.signed-out.v1': event(
    {
      sign_in: id,
      person: id,
      cause: z
        .enum(['person', 'identity-provider', 'idle', 'replaced', 'outage-over'])
        .describe(
          '`replaced`: the same browser signed in anew. `outage-over`: a passkey alone had let them in, and the provider answers again.',
        ),
    },
    {
      sentence:
        '{person} {cause|person: signed out|identity-provider: was signed out by their identity provider|idle: was signed out after a long rest|replaced: signed in anew, which ended the sign-in before|outage-over: was signed out, as their identity provider answers again}.',
      ocsf: ({ person, sign_in }) => authentication('Logoff', person, { session: sign_in }),
    },
  ),
  'countersign.person.left.v1': event(
    { person: id, recorded_by: id, groups, proof },
    {
      sentence: '{recorded_by} recorded that {person} has left. Their access ends at once.',
      ocsf: ({ person }) => userManagement('Disable', person, { severity: 'Medium' }),
    },
    'reason',
  ),
  'countersign.person.returned.v1': event(
    { person: id, recorded_by: id, groups, proof },
    {
      sentence: '{recorded_by} recorded that {person} is back.',
      ocsf: ({ person }) => userManagement('Enable', person, { severity: 'Medium' }),
    },
    'reason',
  ),
} as const satisfies Record<string, EventSpec>;
