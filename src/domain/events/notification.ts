import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { id, name, text } from './fields.ts';

/** Why somebody is told: the entry itself, or time that passed since without what it asks for. */
export const occasion = z.enum([
  'review-wanted',
  'review-escalated',
  'review-still-wanted',
  'decided',
  'access-taken-away',
  'break-glass-used',
  'break-glass-overdue',
  'break-glass-judged',
  'person-left',
  'factors-reset',
  'policy-published',
]);

export const notificationEvents = {
  'countersign.notification.sent.v1': event(
    {
      /** The entry that was told about. */
      about: z.int().min(0),
      occasion,
      /** A request, a person, or `policy`: each has a stream of its own, so that a thing is told once. */
      matter: id,
      audience: z.enum(['reviewers', 'break-glass-reviewers', 'zone-owners', 'requester', 'administrators']),
      group: name.nullable(),
      channel: z.enum(['email', 'webhook']),
      delivered: z.boolean(),
      /** 0: there was nowhere to send it. */
      attempts: z.int().min(0),
      failure: text(300).nullable(),
    },
    'Entry #{about} ({occasion}) was told to {audience} by {channel}: delivered is {delivered}.',
  ),
} as const satisfies Record<string, EventSpec>;
