import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { name, text } from './fields.ts';

export const notificationEvents = {
  'countersign.notification.sent.v1': event(
    {
      /** The entry that was told about. */
      about: z.int().min(0),
      audience: z.enum(['reviewers', 'break-glass-reviewers', 'zone-owners', 'requester', 'administrators']),
      group: name.nullable(),
      channel: z.enum(['email', 'webhook']),
      delivered: z.boolean(),
      attempts: z.int().min(1),
      failure: text(300).nullable(),
    },
    'Entry #{about} was told to {audience} by {channel}: delivered is {delivered}.',
  ),
} as const satisfies Record<string, EventSpec>;
