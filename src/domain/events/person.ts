import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, proof, text, time_ms } from './fields.ts';
import { authentication, userManagement } from './ocsf.ts';

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
    },
    {
      sentence: '{person} signed in through {issuer}.',
      ocsf: ({ person, groups, sign_in }) => authentication('Logon', person, { groups, session: sign_in }),
    },
    'subject',
    'display_name',
    'address',
    'user_agent',
    'id_token',
  ),
  'countersign.person.signed-out.v1': event(
    { sign_in: id, person: id },
    {
      sentence: '{person} signed out.',
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
