import { z } from 'zod';
import { durationPattern } from '../policy-file/duration.ts';

/**
 * The face of countersign.test.yaml: what a policy must let happen, and what it must refuse. Everybody and everything in
 * it is invented; the policy, the rules and the broker that is asked are the real ones.
 */
const nick = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
const ticketName = z.string().regex(/^[A-Z][A-Z0-9]{0,15}-[1-9][0-9]{0,9}$/);
const duration = z.string().regex(durationPattern);
const moment = z.iso.datetime();
const word = z.string().min(1).max(128);

const somebody = z.union([
  z.strictObject({
    groups: z.array(word).max(20).describe('Groups of the policy, by its own names.'),
    id: z
      .string()
      .regex(/^p-[a-z2-7]{26}$/)
      .optional()
      .describe('For somebody whom the policy lists by this id.'),
    factor: z
      .enum(['totp', 'passkey', 'none'])
      .optional()
      .describe('Left out: the strongest that the policy wants anywhere.'),
  }),
  z.strictObject({ workload: word.describe('A workload of the policy, by its own name.') }),
]);

const ticket = z.strictObject({
  opened_by: nick,
  state: z.enum(['open', 'approved', 'closed']).optional().describe('Left out: open.'),
  approved_by: nick.optional().describe('Who approves it, where its state is approved.'),
  responders: z.array(nick).max(20).optional(),
  assignee: nick.optional(),
  window: z.strictObject({ from: moment, to: moment }).optional(),
});

const only = z
  .array(z.strictObject({ action: word, on: z.string().min(1).max(512) }))
  .min(1)
  .max(50);

const asking = {
  by: nick,
  entitlement: word,
  ticket: ticketName.optional(),
  lasting: duration.optional().describe('Left out: as long as the entitlement lets it.'),
  people: z.array(nick).min(1).max(20).optional().describe('Left out: for whoever asks.'),
  targets: z.array(word).min(1).max(20).optional(),
  parameters: z.record(z.string(), z.string().max(512)).optional(),
  only: only.optional().describe('Less than the whole scope.'),
};

const expected = z.union([
  z.enum(['allowed', 'refused']),
  z.strictObject({
    refused: word.describe('The rule that says no, or the kind of failure: step-up-needed, not-found.'),
  }),
  z.strictObject({
    status: z
      .enum([
        'pending',
        'denied',
        'expired',
        'withdrawn',
        'cancelled',
        'scheduled',
        'approved',
        'active',
        'ended',
        'revoked',
        'revoking',
      ])
      .optional(),
    waits_for: z.array(word).optional().describe('The groups whose turn it is.'),
    may_decide: z.array(nick).optional().describe('Everybody who could approve it now, and nobody else.'),
    grants: z.int().min(0).max(50).optional(),
    lasts: duration.optional(),
    actions: z.array(word).optional().describe('Of the grants, or of the request while there are none.'),
    marks: z.array(z.enum(['ticket-unverified', 'unwitnessed', 'membership-cached'])).optional(),
  }),
]);

const step = z.strictObject({
  ask: z
    .strictObject({
      ...asking,
      start: moment.optional(),
      extends: z.literal(true).optional().describe('Carries on the grant of what was asked for before.'),
    })
    .optional(),
  break_glass: z.strictObject(asking).optional(),
  review: z
    .strictObject({
      by: nick,
      decides: z.enum(['approve', 'deny']).optional().describe('Left out: approve.'),
      lasting: duration.optional(),
      only: only.optional(),
    })
    .optional(),
  judge: z.strictObject({ by: nick, verdict: z.enum(['justified', 'not-justified']) }).optional(),
  open: z.strictObject({ by: nick, target: word.optional() }).optional(),
  end: z.strictObject({ by: nick, target: word.optional() }).optional(),
  withdraw: z.strictObject({ by: nick }).optional(),
  ticket: z
    .strictObject({ name: ticketName, by: nick, state: z.enum(['open', 'approved', 'closed']) })
    .optional(),
  wait: duration.optional(),
  expect: expected.optional(),
});

export const caseFileSchema = z
  .strictObject({
    policy: z
      .string()
      .min(1)
      .max(256)
      .optional()
      .describe('The policy file beside this one. Left out: countersign.yaml.'),
    who: z.record(nick, somebody),
    tickets: z.record(ticketName, ticket).optional(),
    cases: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(200),
          at: moment.describe('When it begins, UTC: 2026-11-25T03:12:00Z.'),
          down: z
            .array(z.enum(['ticket', 'identity-provider']))
            .optional()
            .describe('What does not answer once everybody has signed in.'),
          steps: z.array(step).min(1).max(50),
        }),
      )
      .min(1)
      .max(200),
  })
  .describe('What a policy must let happen, and what it must refuse. Run: countersign policy test FILE');

export type CaseFile = z.infer<typeof caseFileSchema>;
export type RehearsedCase = CaseFile['cases'][number];
export type RehearsedStep = RehearsedCase['steps'][number];
export type Expected = NonNullable<RehearsedStep['expect']>;
export type ExpectedFacts = Exclude<Expected, string | { readonly refused: string }>;
