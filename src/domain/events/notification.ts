import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { id, name, text } from './fields.ts';
import { entityManagement } from './ocsf.ts';

/** Why somebody is told: the entry itself, or time that passed since without what it asks for. */
export const occasion = z.enum([
  'review-wanted',
  'review-escalated',
  'review-still-wanted',
  'review-nudged',
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
      about: z.int().min(0).describe('The entry that was told about.'),
      occasion,
      matter: id.describe(
        'A request, a person, or `policy`: each has a stream of its own, so that a thing is told once.',
      ),
      audience: z.enum(['reviewers', 'break-glass-reviewers', 'zone-owners', 'requester', 'administrators']),
      group: name.nullable(),
      channel: z.enum(['email', 'webhook']),
      delivered: z.boolean(),
      attempts: z.int().min(0).describe('0: there was nowhere to send it.'),
      failure: text(300).nullable(),
    },
    {
      sentence:
        'By {channel}, {audience|reviewers: reviewers|break-glass-reviewers: those who judge emergencies|zone-owners: the owners of the zone|requester: the requester|administrators: the administrators}[ ({group})] {delivered|true: were told|false: could not be told} {occasion|review-wanted: that a review is wanted|review-escalated: that a review is wanted of them too|review-still-wanted: that a review is still wanted|review-nudged: that somebody waits for their review|decided: what was decided|access-taken-away: that an access was taken away|break-glass-used: that the glass was broken|break-glass-overdue: that an emergency is overdue to be judged|break-glass-judged: how an emergency was judged|person-left: that somebody has left|factors-reset: that factors were reset|policy-published: that a policy is in force} ({matter}, entry #{about})[: {failure}].',
      ocsf: ({ matter, occasion, delivered }) =>
        entityManagement('Create', 'notification', matter, {
          detail: occasion,
          ...(delivered ? {} : { status: 'Failure', severity: 'Medium' }),
        }),
    },
  ),
} as const satisfies Record<string, EventSpec>;
