import { z } from 'zod';
import { isCanonicalName } from '../log/canonical-json.ts';
import { durationPattern } from './duration.ts';

/**
 * The face of countersign.yaml. A key or word that is not here does not exist; words that are planned are in
 * not-built-yet.ts. Descriptions reach editors through countersign.schema.json.
 */

/*
 * Patterns here use no Unicode properties: a reader of the JSON Schema that leaves out the `u` flag would take
 * `\p{L}` for literal letters. The exact form is checked beside them.
 */
const namePattern = /^(?!not-required$)[A-Za-z\u0080-\uFFFF][\w.\u0080-\uFFFF-]{0,63}$/;
const ticketPattern = /^[A-Za-z\u0080-\uFFFF][\w.\u0080-\uFFFF-]{0,63}$/;
export const accountPattern = /^\d{12}$/;

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

const canonical = (text: string) => isCanonicalName(text);
/** Starts with a letter, so that no name is a number, an option or a hidden file. */
const isName = (text: string) => /^\p{L}[\p{L}\p{M}\p{N}._-]*$/u.test(text) && isCanonicalName(text);
/** `not-required` is a word of the file and no name. */
const name = z.string().regex(namePattern).refine(isName);
const text = z.string().min(1).max(512).refine(canonical);
const duration = z.string().regex(durationPattern);
const people = z.int().min(1).max(20);
const notRequired = z.literal('not-required');
const byName = <Schema extends z.ZodType>(schema: Schema) => z.record(name, schema);

const until = z.iso
  .date()
  .optional()
  .describe('Last day, in UTC, on which the group means anybody: 2027-03-31.');
const day = z.iso.date();
const personId = z.string().regex(/^p-[a-z2-7]{26}$/);
const mail = z.email().max(254).optional().describe('Where the whole group is written to.');
const clockTime = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/);
const awake = z
  .strictObject({
    from: clockTime,
    to: clockTime,
    time_zone: z.string().max(64).refine(isTimeZone),
    days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1),
  })
  .optional()
  .describe('When its people are usually awake; lint looks for hours at which nobody could decide.');
const beside = { until, mail, awake };
const member = z.union([personId, z.strictObject({ person: personId, until: day })]);
const group = z
  .union([
    z.strictObject({ idp: text.describe('The group as the identity provider calls it.'), ...beside }),
    z.strictObject({ issuer: name, group: text, ...beside }),
    z.strictObject({
      people: z.array(member).min(1).max(200).describe('Exactly these, by their ids (`countersign whoami`).'),
      ...beside,
    }),
  ])
  .describe('People, as an identity provider groups them.');

const workload = z.strictObject({
  issuer: name,
  subject: text.describe('The subject of its token, exactly.'),
  sponsor: name.describe('The group whose members answer for it, and who cannot review for it.'),
});

const region = z.string().regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/);
const audience = z
  .string()
  .max(256)
  .regex(/^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost)(?=[:/]|$))[\w.~:/%-]*$/)
  .describe('The `aud` of the tokens that the target accepts.');
const target = z.union([
  z.strictObject({
    zone: name,
    aws: z.string().regex(accountPattern).describe('The account number, in quotes.'),
    regions: z.array(region).min(1).max(40),
  }),
  z.strictObject({ zone: name, token: z.strictObject({ audience }) }),
]);

const ticketRule = z.strictObject({
  source: name,
  project: z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,31}$/),
  state: z.enum(['open', 'approved', 'closed']),
  requester: z
    .enum(['responder', 'assignee', 'anyone'])
    .describe('The part the requester must play in the ticket.'),
  window: z.enum(['required', 'not-required']).optional(),
  closing: z
    .enum(['ends-grants'])
    .optional()
    .describe('`ends-grants`: what rests on the ticket ends when it no longer has that state.'),
});

const factor = z.enum(['none', 'totp', 'passkey']);

/** As in the FIDO metadata: a make of authenticator. */
const aaguid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const passkeys = z
  .strictObject({
    attestation: z
      .enum(['none', 'required'])
      .describe('`required`: only a passkey whose authenticator’s maker vouches for it may be enrolled.'),
    authenticators: z
      .array(aaguid)
      .min(1)
      .max(200)
      .optional()
      .describe(
        'The makes that may be enrolled, by AAGUID; left out: any. Without an attestation the device says itself what it is.',
      ),
  })
  .optional()
  .describe('Which passkeys may be enrolled; left out: any.');

const channels = z
  .array(z.enum(['email', 'webhook']))
  .max(2)
  .optional();
const notify = z
  .strictObject({
    'zone-owners': channels.describe('When the glass is broken in their zone.'),
    reviewers: channels.describe('When their turn to decide comes.'),
    requesters: channels.describe('When what they asked for is decided.'),
    administrators: channels.describe(
      'When a policy is published, somebody leaves, the broker is read-only.',
    ),
  })
  .optional()
  .describe('Who is told, and how. Left out: nobody.');

/**
 * Blanks, quotes, `${` and the like have no honest use in a cloud's names, and are read there as more than
 * text.
 */
const isPlainText = (text: string) => /^[^\s"'`\\${}\p{C}\p{Z}]+$/u.test(text);
/** As plain, but for the places of parameters: `{customer}`. */
const isPlainWithPlaces = (text: string) => isPlainText(text.replaceAll(/\{[a-z][a-z0-9_]{0,31}\}/g, 'x'));
const action = z
  .string()
  .max(128)
  .regex(/^[^\s"'`\\${}]+$/)
  .refine(isPlainText);
const resource = z
  .string()
  .max(512)
  .regex(/^[^\s"'`\\$]+$/)
  .refine(isPlainWithPlaces);
const oneOrMore = <Schema extends z.ZodType>(schema: Schema) =>
  z.union([schema, z.array(schema).min(1).max(200)]);

export const scopeSchema = z
  .array(
    z.strictObject({
      actions: z.array(action).min(1).max(200),
      on: oneOrMore(resource).describe(
        'A resource or a list; a star at the end stands for whatever follows.',
      ),
      access: z.enum(['read', 'write', 'destructive', 'credentials']),
    }),
  )
  .min(1)
  .max(200)
  .describe('What may be done to what.');

const stage = z.strictObject({
  people: people.describe('Distinct humans needed.'),
  from: name,
  escalate: z
    .strictObject({ after: duration, to: name })
    .optional()
    .describe('Once it has waited that long, that group may decide it as well.'),
});
const stages = z.union([notRequired, z.array(stage).min(1).max(10)]);

const breakGlass = z.strictObject({
  at_most: duration,
  without: z
    .array(z.enum(['identity-provider', 'ticket', 'witness']))
    .max(10)
    .optional()
    .describe('What may be down.'),
  named: z
    .array(personId)
    .min(1)
    .max(50)
    .optional()
    .describe('Who may, while the identity provider is down, on what it said within the last day.'),
  review: z.strictObject({ people, from: name, within: duration }),
});

const parameter = z.strictObject({
  pattern: z.string().max(200).describe('Anchored: `^[0-9]{1,10}$`.'),
  says: z.string().min(1).max(200).optional().describe('What it is, in plain words.'),
});

const entitlement = z
  .strictObject({
    role: z.string().regex(/^[\w+=,.@-]{1,64}$/),
    target: name.optional(),
    targets: z.array(name).min(1).max(20).optional().describe('Several places of one zone and one provider.'),
    parameters: z
      .record(z.string().regex(/^[a-z][a-z0-9_]{0,31}$/), parameter)
      .optional()
      .describe('What a request fills in where the scope says `{name}`.'),
    scope: z
      .union([z.string().max(256), scopeSchema])
      .describe('A file beside this one, or the list itself.'),
    eligible: z.array(name).max(100).describe('Groups and workloads that may ask. Empty: nobody.'),
    ticket: z.string().regex(ticketPattern).refine(isName).describe('A ticket rule, or `not-required`.'),
    review: stages.describe('Stages in sequence, or `not-required`.'),
    at_most: duration,
    break_glass: breakGlass.optional(),
  })
  .refine(({ target, targets }) => (target === undefined) !== (targets === undefined), {
    path: ['target'],
    params: { rule: 'one-of-target-and-targets' },
  });

const emergencyPrincipal = z.strictObject({
  role: z.string().regex(/^[\w+=,.@-]{1,64}$/),
  target: name,
  drill_every: z.string().regex(/^[1-9]\d{0,2}d$/),
});

export const policyFileSchema = z
  .strictObject({
    groups: byName(group),
    workloads: byName(workload).optional(),
    administrators: z.strictObject({ from: name, publish_needs: z.int().min(2).max(20) }),
    auditors: z.strictObject({ from: name }).optional(),
    zones: byName(z.strictObject({ owner: name })),
    targets: byName(target),
    ticket_sources: byName(z.strictObject({ kind: z.enum(['register']) })).optional(),
    tickets: byName(ticketRule).optional(),
    factors: z.strictObject({ request: factor, review: factor, open: factor }),
    passkeys,
    waiting: z.strictObject({
      review: duration,
      activation: duration,
      schedule: duration
        .optional()
        .describe('How far ahead a start may be asked for; left out: nothing is scheduled.'),
    }),
    notify,
    entitlements: byName(entitlement),
    delegates: z
      .array(z.strictObject({ for: name, to: name, from: day, until: day }))
      .max(100)
      .optional()
      .describe('Who reviews in a group’s place, from the first to the last day (UTC).'),
    humans: byName(z.array(personId).min(2).max(20))
      .optional()
      .describe('Several identities of one human: they sign, ask and vouch as one.'),
    emergency_principals: z.array(emergencyPrincipal).max(100).optional(),
  })
  .describe('Who may touch production, who signs, for how long. What is not written is refused.');

export type PolicyFile = z.infer<typeof policyFileSchema>;
export type ScopeItems = z.infer<typeof scopeSchema>;
