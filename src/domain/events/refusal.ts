import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, scope, seconds, time_ms } from './fields.ts';
import { entityManagement } from './ocsf.ts';

export const refusalEvents = {
  'countersign.command.refused.v1': event(
    {
      person: id,
      attempted: z.enum([
        'submit',
        'review',
        'nudge',
        'open',
        'revoke',
        'publish',
        'enrol',
        'vouch',
        'remove-factor',
        'ticket',
        'record-leaving',
        'reset',
        'sign-in',
        'more-than-ask',
      ]),
      rule: name,
      about: name.nullable(),
      asked: z
        .strictObject({
          entitlement: name,
          policy_digest: digest,
          rule_digest: digest,
          people: z.array(id).max(20),
          /** Those of the entitlement; anything else is somebody's text. */
          targets: z.array(name).max(20),
          /** null: it is not within the entitlement, or its parameters do not fit. */
          scope: scope.nullable(),
          seconds,
          start_ms: time_ms.nullable(),
          groups,
          break_glass: z.boolean(),
        })
        .nullable()
        .describe(
          'An ask for what the policy knows, as far as it goes: whether the refusal was right can be judged by it.',
        ),
    },
    {
      sentence:
        '{person} was refused {attempted|submit: an access|review: a review|nudge: a reminder of reviewers|open: a session|revoke: a revocation|publish: a publication|enrol: a factor|vouch: their vouching|remove-factor: the removal of a factor|ticket: a change of a ticket|record-leaving: the record of a leaving|reset: a reset of factors|sign-in: a sign-in|more-than-ask: more than asking}[ ({about})]: rule {rule}.',
      ocsf: ({ person, attempted, rule, about }) =>
        entityManagement('Other', attempted, about ?? person, {
          activityName: 'Refused',
          status: 'Failure',
          severity: 'Low',
          detail: rule,
        }),
    },
  ),
} as const satisfies Record<string, EventSpec>;
