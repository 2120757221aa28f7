import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { id, name } from './fields.ts';

export const refusalEvents = {
  'countersign.command.refused.v1': event(
    {
      person: id,
      attempted: z.enum([
        'submit',
        'review',
        'open',
        'revoke',
        'publish',
        'enrol',
        'vouch',
        'remove-factor',
        'ticket',
        'record-leaving',
        'reset',
      ]),
      rule: name,
      about: name.nullable(),
    },
    '{person} was refused ({attempted}): {rule}.',
  ),
} as const satisfies Record<string, EventSpec>;
