import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, text, time_ms } from './fields.ts';
import { entityManagement } from './ocsf.ts';
import { proof } from './proof.ts';

/** The session's cloud side, exactly as it will be sent; never a secret. */
const provider_parameters = z.record(z.string(), z.json());

export const sessionEvents = {
  'countersign.session.opening.v1': event(
    {
      request: id,
      grant: id,
      session: id,
      person: id,
      target: name.describe('Where, in the policy’s words.'),
      groups,
      policy_digest: digest,
      rule_digest: digest,
      proof: proof.nullable(),
      key_thumbprint: text(60),
      cosigned_size: z
        .int()
        .min(0)
        .nullable()
        .describe(
          'How much of the log witnesses had to have cosigned. null: the policy asks for no witness.',
        ),
      provider: z.enum(['token', 'aws']),
      parameters: provider_parameters,
      parameters_digest: digest,
      earliest_end_ms: time_ms.describe(
        'The least time credentials issued by this call could live, and the most.',
      ),
      ends_at_ms: time_ms,
      broker: id,
      settle_by_ms: time_ms.describe('After this, another broker may settle what became of it.'),
    },
    {
      sentence: '{person} is opening {session} on {target} under {grant}, until {ends_at_ms} at the latest.',
      ocsf: ({ session, target }) =>
        entityManagement('Create', 'session', session, { status: 'Unknown', resources: [target] }),
    },
    'address',
  ),
  'countersign.session.opened.v1': event(
    {
      request: id,
      grant: id,
      session: id,
      cloud_session: text(200).describe(
        'The cloud’s own name for the session (an access key id, a token id): never a secret.',
      ),
      provider_request: text(200).nullable(),
      expires_at_ms: time_ms,
      packed_policy_percent: z.int().nullable(),
    },
    {
      sentence: '{session} is open until {expires_at_ms}. The cloud calls it {cloud_session}.',
      ocsf: ({ session, cloud_session }) =>
        entityManagement('Activate', 'session', session, { detail: cloud_session }),
    },
  ),
  'countersign.session.failed.v1': event(
    {
      request: id,
      grant: id,
      session: id,
      reason: text(500),
      certain: z
        .boolean()
        .describe(
          'false: the cloud may have opened it all the same; it counts as open until `ends_at_ms` of its opening.',
        ),
      settled_by: z.enum(['caller', 'recovery']),
    },
    {
      sentence:
        '{session} {certain|true: did not open|false: may or may not have opened, and counts as open}: {reason}.',
      ocsf: ({ session, certain, reason }) =>
        entityManagement('Activate', 'session', session, {
          status: certain ? 'Failure' : 'Unknown',
          severity: certain ? 'Low' : 'Medium',
          detail: reason,
        }),
    },
  ),
} as const satisfies Record<string, EventSpec>;
