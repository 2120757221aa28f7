import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, proof, text, time_ms } from './fields.ts';

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
      /** RFC 7638 thumbprint of the key that this sign-in's tokens are bound to. */
      key_thumbprint: text(60),
      expires_at_ms: time_ms,
    },
    '{person} signed in through {issuer}.',
    'subject',
    'display_name',
    'address',
    'user_agent',
    'id_token',
  ),
  'countersign.person.signed-out.v1': event({ sign_in: id, person: id }, '{person} signed out.'),
  'countersign.person.left.v1': event(
    { person: id, recorded_by: id, groups, proof },
    '{recorded_by} recorded that {person} has left: their access ends at once.',
    'reason',
  ),
  'countersign.person.returned.v1': event(
    { person: id, recorded_by: id, groups, proof },
    '{recorded_by} recorded that {person} is back.',
    'reason',
  ),
} as const satisfies Record<string, EventSpec>;
