import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, groups, id, name, text } from './fields.ts';
import { entityManagement } from './ocsf.ts';
import { proof } from './proof.ts';
import { statement } from './statement.ts';

const people = z.strictObject({
  gain_count: z.int().min(0),
  lose_count: z.int().min(0),
  gain: z.array(id),
  lose: z.array(id),
});
const actions = z.array(
  z.strictObject({
    access: z.enum(['read', 'write', 'destructive', 'credentials']),
    count: z.int().min(1),
    actions: z.array(text(128)),
  }),
);
/** In words: what administrators are shown is what they sign. */
const sentences = z.array(text(2_000));

/** Who gains and who loses what; see policy/plan.ts. Lists with a count beside them may be cut. */
const plan = z.strictObject({
  changes: z.array(
    z.strictObject({
      entitlement: name,
      kind: z.enum(['added', 'removed', 'changed']),
      gains: z.array(name),
      loses: z.array(name),
      people,
      permissions_gained: z.int().min(0),
      permissions_lost: z.int().min(0),
      actions_gained: actions,
      actions_lost: actions,
      loosened: sentences,
      tightened: sentences,
      fields: z.array(name),
    }),
  ),
  groups: z.array(name),
  sections: z.array(name),
  administrators_changed: z.boolean(),
  auditors_changed: z.boolean(),
  administrators: people,
  auditors: people,
  loosened: sentences,
  tightened: sentences,
  people_known: z.enum(['listed', 'listed-and-newest-seen', 'listed-and-seen']),
  lapses: z
    .strictObject({
      request_count: z.int().min(0),
      grant_count: z.int().min(0),
      requests: z.array(id),
      grants: z.array(id),
    })
    .nullable(),
  catalogue: name.nullable(),
});

export const policyEvents = {
  'countersign.policy.proposed.v1': event(
    {
      proposal: id,
      person: id,
      from_digest: digest.nullable(),
      to_digest: digest,
      text_digest: digest,
      text_bytes: z.int().min(1),
      canonical_bytes: z.int().min(1),
      plan,
      plan_digest: digest,
    },
    {
      sentence:
        '{person} proposed the policy {to_digest}[, in place of {from_digest}][. It changes {plan.changes.entitlement}].',
      ocsf: ({ to_digest }) => entityManagement('Create', 'policy', to_digest, { severity: 'Low' }),
    },
  ),
  'countersign.policy.signed.v1': event(
    { proposal: id, signer: id, groups, to_digest: digest, statement, statement_digest: digest, proof },
    {
      sentence: '{signer} signed the policy {to_digest}.',
      ocsf: ({ to_digest }) =>
        entityManagement('Update', 'policy', to_digest, { severity: 'Low', detail: 'signed' }),
    },
  ),
  'countersign.policy.published.v1': event(
    { proposal: id, from_digest: digest.nullable(), to_digest: digest, signers: z.array(id).min(2) },
    {
      sentence: 'The policy {to_digest} is in force, signed by {signers}.',
      ocsf: ({ to_digest }) => entityManagement('Activate', 'policy', to_digest, { severity: 'Medium' }),
    },
  ),
} as const satisfies Record<string, EventSpec>;
