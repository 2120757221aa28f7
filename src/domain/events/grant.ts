import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { groups, id, name, time_ms } from './fields.ts';
import { entityManagement, userManagement } from './ocsf.ts';

export const grantEvents = {
  'countersign.grant.ended.v1': event(
    { request: id, grant: id, person: id, seconds_left: z.int().min(0) },
    {
      sentence: '{person} ended {grant}, with {seconds_left} to spare.',
      ocsf: ({ person, grant }) =>
        userManagement('Remove Privileges', person, { detail: `${grant} ended early` }),
    },
  ),
  'countersign.grant.revoke-requested.v1': event(
    {
      request: id,
      grant: id,
      person: id,
      right: z.enum(['reviewer', 'zone-owner', 'administrator']),
      channel: name,
      groups,
    },
    {
      sentence:
        '{person} asked for {grant} to be revoked, as {right|reviewer: one of its reviewers|zone-owner: an owner of its zone|administrator: an administrator}.',
      ocsf: ({ grant, right }) =>
        entityManagement('Deactivate', 'grant', grant, {
          status: 'Unknown',
          severity: 'Medium',
          detail: right,
        }),
    },
    'reason',
  ),
  /** The broker takes an access away by itself, because of something that was recorded. */
  'countersign.grant.cut-off.v1': event(
    {
      request: id,
      grant: id,
      cause: z.enum(['ticket-closed', 'person-left', 'extended-grant-revoked']),
      about: id
        .nullable()
        .describe('The person or grant that caused it; null: the ticket that was checked with it.'),
      channel: name,
    },
    {
      sentence:
        'The broker takes {grant} away, because {cause|ticket-closed: its ticket is not open any more|person-left: this person has left|extended-grant-revoked: the grant that it carries on was revoked}[ ({about})].',
      ocsf: ({ grant, cause }) =>
        entityManagement('Deactivate', 'grant', grant, {
          status: 'Unknown',
          severity: 'Medium',
          detail: cause,
        }),
    },
  ),
  'countersign.grant.revoke-confirmed.v1': event(
    {
      request: id,
      grant: id,
      seen: z
        .enum(['introspection', 'probe', 'expiry', 'never-opened'])
        .describe(
          'How we know: the provider’s own introspection, a probe, or that every credential has expired.',
        ),
      milliseconds_between: z.int().min(0),
    },
    {
      sentence:
        '{grant} is revoked, {milliseconds_between} after it was to be: {seen|introspection: the provider says so|probe: a probe was turned away|expiry: every credential has expired|never-opened: nothing had been opened}.',
      ocsf: ({ grant, seen }) => entityManagement('Deactivate', 'grant', grant, { detail: seen }),
    },
  ),
  'countersign.grant.expired.v1': event(
    { request: id, grant: id, unused: z.boolean(), was_due_ms: time_ms },
    {
      sentence: '{grant} ran out at {was_due_ms}[{?unused=true}; it was never used].',
      ocsf: ({ grant }) => entityManagement('Deactivate', 'grant', grant, { detail: 'expired' }),
    },
  ),
} as const satisfies Record<string, EventSpec>;
