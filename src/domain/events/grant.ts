import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { groups, id, name, time_ms } from './fields.ts';

export const grantEvents = {
  'countersign.grant.ended.v1': event(
    { request: id, grant: id, person: id, seconds_left: z.int().min(0) },
    '{person} ended {grant} early.',
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
    '{person} asked to revoke {grant} as {right}.',
    'reason',
  ),
  /** The broker takes an access away by itself, because of something that was recorded. */
  'countersign.grant.cut-off.v1': event(
    {
      request: id,
      grant: id,
      cause: z.enum(['ticket-closed', 'person-left', 'extended-grant-revoked']),
      /** The person or grant that caused it; null: the ticket that was checked with it. */
      about: id.nullable(),
      channel: name,
    },
    '{grant} was cut off: {cause}.',
  ),
  'countersign.grant.revoke-confirmed.v1': event(
    {
      request: id,
      grant: id,
      /** How we know: the provider's own introspection, a probe, or that every credential has expired. */
      seen: z.enum(['introspection', 'probe', 'expiry', 'never-opened']),
      milliseconds_between: z.int().min(0),
    },
    '{grant} is revoked, seen by {seen}.',
  ),
  'countersign.grant.expired.v1': event(
    { request: id, grant: id, unused: z.boolean(), was_due_ms: time_ms },
    '{grant} ran out.',
  ),
} as const satisfies Record<string, EventSpec>;
