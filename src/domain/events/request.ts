import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, people, scope, seconds, targets, text, time_ms } from './fields.ts';
import { entityManagement, userManagement } from './ocsf.ts';
import { proof } from './proof.ts';
import { statement } from './statement.ts';

export const mark = z.enum(['ticket-unverified', 'unwitnessed', 'membership-cached']);

export const requestEvents = {
  'countersign.request.submitted.v1': event(
    {
      request: id,
      person: id,
      entitlement: name,
      people: people.describe(
        'For whom: usually the one who asks. Each shows a factor of their own, and is eligible, when they open.',
      ),
      targets,
      policy_digest: digest,
      rule_digest: digest,
      parameters: z
        .record(name, text(128))
        .describe('What the entitlement’s parameters were filled with; the scope below is already filled.'),
      scope,
      seconds,
      start_ms: time_ms.nullable().describe('Not usable before. null: at once.'),
      extends: z
        .strictObject({ request: id, grant: id })
        .nullable()
        .describe('A grant of the same person that this one carries on, from its end.'),
      groups,
      proof: proof.nullable().describe('null: a workload, or a policy whose request factor is none.'),
      key_thumbprint: text(60),
      review_by_ms: time_ms,
      stages: z
        .array(
          z.strictObject({
            people: z.int().min(1),
            from: name,
            escalate: z.strictObject({ after_seconds: seconds, to: name }).nullable(),
          }),
        )
        .describe(
          'How many humans of which group, in sequence; empty where the policy says `review: not-required`.',
        ),
      break_glass: z.strictObject({ marks: z.array(mark), review_by_ms: time_ms }).nullable(),
    },
    {
      sentence:
        '{person} asked for {seconds} of {entitlement} on {targets}[, for {people unless person}][, from {start_ms}][, carrying on {extends.grant}][, as an emergency that is judged afterwards, by {break_glass.review_by_ms}][, marked {break_glass.marks}]: {request}.',
      ocsf: ({ request, targets, break_glass }) =>
        entityManagement('Create', 'access request', request, {
          resources: targets,
          ...(break_glass === null ? {} : { severity: 'High', detail: 'break-glass' }),
        }),
    },
    'justification',
    'ticket',
  ),
  'countersign.request.reviewed.v1': event(
    {
      request: id,
      reviewer: id,
      stage: z.int().min(0),
      verdict: z.enum(['approve', 'deny']),
      right: z
        .enum(['stage', 'escalation', 'delegation'])
        .describe(
          'By what right: the stage’s own group, the one it was escalated to, or one that stands in for either.',
        ),
      groups,
      policy_digest: digest,
      rule_digest: digest,
      scope,
      seconds,
      statement,
      statement_digest: digest,
      proof,
    },
    {
      sentence:
        '{reviewer} {verdict|approve: approved|deny: denied} {request}[{?verdict=approve}: {scope}, for {seconds}][{?right=escalation}. It had been escalated to them][{?right=delegation}. They stand in for its reviewers].',
      ocsf: ({ request, verdict }) =>
        entityManagement('Update', 'access request', request, { detail: verdict }),
    },
    'reason',
  ),
  'countersign.request.approved.v1': event(
    {
      request: id,
      grant: id,
      person: id,
      target: name,
      policy_digest: digest,
      rule_digest: digest,
      scope,
      seconds,
      starts_at_ms: time_ms.nullable(),
      activate_by_ms: time_ms,
    },
    {
      sentence:
        '{request} is approved: {person} may use {grant} on {target} for {seconds}[ from {starts_at_ms}], if they begin by {activate_by_ms}.',
      ocsf: ({ person, target, scope }) =>
        userManagement('Assign Privileges', person, {
          privileges: [...new Set(scope.map(({ action }) => action))],
          resources: [target],
        }),
    },
  ),
  'countersign.request.withdrawn.v1': event(
    { request: id, person: id },
    {
      sentence: '{person} took {request} back.',
      ocsf: ({ request }) =>
        entityManagement('Deactivate', 'access request', request, { detail: 'withdrawn' }),
    },
  ),
  /** Whoever asked, or whom it is for, reminds those whose turn it is. */
  'countersign.request.nudged.v1': event(
    {
      request: id,
      person: id,
      stage: z.int().min(0),
      policy_digest: digest,
      hear: z
        .array(name)
        .min(1)
        .max(200)
        .describe('The groups whose turn it was, and those that stood in for them.'),
      channels: z
        .array(z.enum(['email', 'webhook']))
        .min(1)
        .max(2)
        .describe('By which ways the policy told reviewers then.'),
    },
    {
      sentence: '{person} reminded {hear} by {channels} that {request} waits for them.',
      ocsf: ({ request }) => entityManagement('Update', 'access request', request, { detail: 'nudged' }),
    },
  ),
  /** Nobody may decide it any more: who asked has left. */
  'countersign.request.cancelled.v1': event(
    { request: id, cause: z.enum(['person-left']), about: id },
    {
      sentence: '{request} was cancelled, because {cause|person-left: this person has left}: {about}.',
      ocsf: ({ request, cause }) =>
        entityManagement('Deactivate', 'access request', request, { detail: cause }),
    },
  ),
  'countersign.request.expired.v1': event(
    { request: id, was_due_ms: time_ms },
    {
      sentence: 'Nobody decided {request} by {was_due_ms}.',
      ocsf: ({ request }) => entityManagement('Deactivate', 'access request', request, { detail: 'expired' }),
    },
  ),
} as const satisfies Record<string, EventSpec>;
