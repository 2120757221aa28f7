import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { act } from '../src/domain/events/act.ts';
import type { EventSpec } from '../src/domain/events/event.ts';
import { base, permission } from '../src/domain/events/fields.ts';
import { OCSF_VERSION } from '../src/domain/events/ocsf.ts';
import { ocsfRecord } from '../src/domain/events/ocsf-record.ts';
import { proof } from '../src/domain/events/proof.ts';
import { tellEntry } from '../src/domain/events/tell-entry.ts';
import { catalogue, type EventType, statement } from '../src/domain/events.ts';
import { type Entry, readEntry } from '../src/log/entry.ts';

/** docs/events.md, made of the catalogue and of the examples under test/vectors/events. */
export function eventsDocument(): string {
  const types = Object.keys(catalogue) as EventType[]; // its own keys, of which the type is made
  const chapters = Map.groupBy(types, (type) => chapterOf(type));
  return [
    introduction,
    '## In every entry\n',
    table(fieldRows(z.strictObject(base))),
    proofText,
    ...proof.options.map((option) => `### \`${option.shape.kind.value}\`\n\n${table(fieldRows(option))}`),
    '## A scope\n\nA list of permissions, in one canonical order: what is shown, signed, narrowed and compared.\n',
    table(fieldRows(permission)),
    ...[...chapters].flatMap(([title, ofChapter]) => [`## ${title}\n`, ...ofChapter.map(section)]),
    '## Statements\n',
    statementsText,
    ...statement.options.map(
      (option) => `### \`${option.shape.purpose.value}\`\n\n${table(fieldRows(option))}`,
    ),
    actText,
    table(fieldRows(act)),
  ].join('\n');
}

const introduction = `# Events

<!-- Made by \`npm run events\` from src/domain/events/: edit there. \`npm test\` fails when this is out of date. -->

Each entry of the log is one of these. A released type is read for ever: a change of meaning is a new type with the next
version. The bytes of one example of each are kept in \`test/vectors/events/\`.

The sentence is what the timeline of a request and \`countersign log tail\` say, here of that example. The OCSF line is
what \`countersign log export --format ocsf\` makes of it: class and activity of version ${OCSF_VERSION} of the schema, with
status and severity where they are not Success and Informational.

Personal texts stand in an entry as commitments only. The texts themselves lie beside the log, and can be erased.

A security team's other tools are fed with

    countersign log export --format ocsf --from 0 --out entries.jsonl
    countersign log tail --follow --ocsf

one event a line, without personal text (on the broker's own machine \`--disclose\` adds what was not erased). \`metadata.sequence\` is the entry's number, \`metadata.uid\` its id: what was read
twice is seen, and a later export goes on with \`--from\`. What has no place in the schema stands in \`unmapped\`. It is a copy
for searching and alarms: only the log itself can be verified.
`;

const proofText = `## A proof

How a factor was shown. A code is attested: the broker saw it, and nobody can check it again. A passkey’s signature is checked by
whoever has the log: the SHA-256 of the [statement](#statements) of the entry, or of the [act](#an-act) in the proof, is the challenge in
\`client_data\`, and the public key stands in the entry that enrolled the factor.
`;

const actText = `### An act

What a passkey signs for everything but a review and a publication. Its SHA-256 over the RFC 8785 form is the challenge.
`;

const statementsText = `What a person signs, or attests with a code, is the RFC 8785 form of one of these; its SHA-256 stands beside it in the
entry. Each pins the log's history at that moment, and its nonce serves once.
`;

const chapters: Readonly<Record<string, string>> = {
  log: 'The log itself',
  server: 'The log itself',
  text: 'The log itself',
  person: 'People',
  factor: 'Factors',
  command: 'Refusals',
  ticket: 'Tickets',
  request: 'Requests',
  session: 'Sessions',
  grant: 'Grants',
  'break-glass': 'Break-glass',
  notification: 'Telling people',
  policy: 'Policy',
};

function chapterOf(type: EventType): string {
  const [, concept = ''] = type.split('.');
  const title = chapters[concept];
  if (title === undefined)
    throw new Error(`${type}: name a chapter for ${concept} in tools/events-document.ts`);
  return title;
}

const names: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: 'Maya', b: 'Lea', c: 'Tom' }).map(([letter, name]) => [`p-${letter.repeat(26)}`, name]),
);

function section(type: EventType): string {
  const entry = exampleOf(type);
  const { schema, personal }: EventSpec = catalogue[type];
  const own = Object.entries(schema.shape).filter(
    ([name]) => !Object.hasOwn(base, name) && !personal.includes(name),
  );
  const parts = [
    `### \`${type}\``,
    `> ${tellEntry(entry, (person) => names.get(person) ?? person)}`,
    `OCSF: ${ocsfLine(entry)}.`,
    table(fieldRows(z.strictObject(Object.fromEntries(own)))).trimEnd(),
  ];
  if (personal.length > 0) parts.push(`Personal: ${personal.map(code).join(', ')}.`);
  return `${parts.join('\n\n')}\n`;
}

const exampleOf = (type: EventType): Entry =>
  readEntry(new Uint8Array(readFileSync(new URL(`../test/vectors/events/${type}.json`, import.meta.url))));

function ocsfLine(entry: Entry): string {
  const { class_uid, type_name, activity_id, activity_name, status, severity } = ocsfRecord(entry);
  const other = activity_id === 99 ? ` (${activity_name})` : '';
  const marks = [status, severity].filter((mark) => mark !== 'Success' && mark !== 'Informational');
  return [`${class_uid}, ${type_name}${other}`, ...marks].join(', ');
}

interface Row {
  readonly field: string;
  readonly is: string;
  readonly meaning: string;
}

/** As zod writes it: only what is read here. */
interface Described {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly anyOf?: readonly Described[];
  readonly oneOf?: readonly Described[];
  readonly items?: Described;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly additionalProperties?: unknown;
}

const fieldRows = (schema: z.ZodType): readonly Row[] =>
  // Zod's own rendering of the schema as JSON Schema, of which the interface names what is read.
  rowsOf('', z.toJSONSchema(schema) as Described);

const rowsOf = (path: string, { properties = {} }: Described): readonly Row[] =>
  Object.entries(properties).flatMap(([name, field]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const row = { field: here, is: isOf(name, field), meaning: meaningOf(here, name, field) };
    return Object.hasOwn(shared, name) ? [row] : [row, ...rowsOf(...within(here, field))];
  });

function meaningOf(path: string, name: string, { description }: Described): string {
  const meaning = description ?? meanings[path] ?? meanings[name];
  if (meaning === undefined)
    throw new Error(
      `${path} is not explained: describe it in src/domain/events/, or in tools/events-document.ts`,
    );
  return meaning;
}

/** Said once, in a chapter of their own. */
const shared: Readonly<Record<string, string>> = {
  statement: '[a statement](#statements)',
  proof: '[a proof](#a-proof)',
  act: '[an act](#an-act)',
  scope: '[a scope](#a-scope)',
};

/** Where the fields inside are, and what they are: of a list, those of its items. */
function within(path: string, field: Described): [string, Described] {
  const real = withoutNull(field);
  return real.items === undefined ? [path, real] : [`${path}[]`, withoutNull(real.items)];
}

const withoutNull = (field: Described): Described => {
  const kinds = (field.anyOf ?? []).filter(({ type }) => type !== 'null');
  const [only] = kinds;
  return only !== undefined && kinds.length === 1 ? only : field;
};

function isOf(name: string, field: Described): string {
  const real = withoutNull(field);
  const said = shared[name] ?? kindOf(name, real);
  return real === field ? said : `${said}, or null`;
}

function kindOf(name: string, field: Described): string {
  if (field.const !== undefined) return code(String(field.const));
  if (field.enum !== undefined) return field.enum.map(code).join(' · ');
  if (field.type === 'array') return `list: ${kindOf(name, field.items ?? {})}`;
  if (field.type === 'string') return stringKind(field);
  if (field.type === 'integer') return name.endsWith('_ms') ? 'time' : 'whole number';
  if (field.type === 'boolean') return 'true or false';
  return field.properties === undefined && field.anyOf === undefined ? 'JSON' : 'object';
}

const stringKind = ({ pattern, maxLength }: Described): string =>
  pattern?.includes('sha256') === true
    ? 'digest'
    : `text${maxLength === undefined ? '' : `, at most ${maxLength}`}`;

const code = (text: string): string => `\`${text}\``;

const table = (rows: readonly Row[]): string =>
  rows.length === 0
    ? 'No fields of its own.\n'
    : [
        '| field | is | meaning |',
        '| --- | --- | --- |',
        ...rows.map(({ field, is, meaning }) => `| ${code(field)} | ${is} | ${meaning} |`),
        '',
      ].join('\n');

/**
 * Fields that mean the same wherever they stand, or at one place. A field's own description goes before. Times are UTC, in
 * milliseconds.
 */
const meanings: Readonly<Record<string, string>> = {
  // in every entry
  by: 'Who did it: a human or a workload, with the sign-in and when the provider last told their groups; a broker; or the console of the machine.',
  command: 'One command may make several entries, all or none of them.',
  program: 'Which program decided, with its version.',
  decided_at_ms: 'When it was decided; the entry’s own time is when it was sealed.',
  // who, what and where
  person: 'Whom it is about.',
  people: 'For whom.',
  requester: 'Who asked.',
  reviewer: 'Who decided.',
  signer: 'Who signed.',
  signers: 'Who signed it: distinct humans.',
  voucher: 'Another human, who says that it is them.',
  requested_by: 'Who asked for it.',
  confirmed_by: 'Another human, who confirmed it.',
  recorded_by: 'Who recorded it.',
  creator: 'Who wrote the ticket first.',
  approved_by: 'Who approved the ticket.',
  assignee: 'Whose ticket it is, and who says so.',
  named_by: 'Who put them there.',
  administrators: 'Who governs.',
  auditors: 'Who may read the log.',
  issuer: 'The identity provider, by its name in the configuration.',
  groups: 'The person’s groups at that moment, those that the policy speaks of.',
  sign_in: 'The sign-in.',
  request: 'The request.',
  grant: 'The grant.',
  session: 'The session.',
  entitlement: 'What was asked for, by its name in the policy.',
  target: 'Where, by its name in the policy.',
  targets: 'Where, by their names in the policy.',
  zone: 'The zone of the targets.',
  factor: 'The factor.',
  factors: 'The factors.',
  code: 'The enrolment code’s id, never the code.',
  enrolment_code: 'The enrolment code that was spent, by its id.',
  proof: 'null: none was asked for.',
  provider: 'Which provider opens the session.',
  broker: 'The broker.',
  origin: 'The log’s name for ever.',
  // digests and what is signed
  policy_digest: 'The policy in force.',
  rule_digest: 'The entitlement’s rule, as resolved: approvals lapse when it changes.',
  from_digest: 'The policy before; null: the first.',
  to_digest: 'The new policy.',
  text_digest: 'The policy as it was written, an attachment.',
  plan_digest: 'The plan.',
  digest: 'What is told, in one digest.',
  statement: 'What was signed or attested.',
  statement_digest: 'SHA-256 of its RFC 8785 form.',
  parameters_digest: 'SHA-256 of their RFC 8785 form.',
  response_digest: 'What the source answered, byte for byte.',
  ticket_digest: 'What the source answered about the ticket.',
  key_set_digest: 'The issuer’s keys that the ID token was checked with, an attachment.',
  key_thumbprint: 'RFC 7638 thumbprint of the key of the device.',
  log: 'The history that the signature pins.',
  size: 'How many entries.',
  root: 'Base64 of the tree’s root.',
  request_leaf: 'Base64 of the RFC 6962 leaf hash of the entry that asked.',
  nonce: 'Serves once.',
  // of a request
  scope: 'What may be done with what.',
  seconds: 'For how long, from the first session.',
  stage: 'Which stage of the review, from 0.',
  stages: 'Who must decide, one after the other.',
  from: 'A group.',
  to: 'A group.',
  escalate: 'Who may decide too, after how long.',
  after_seconds: 'Counted from when the stage’s turn came.',
  verdict: 'What was decided.',
  start_ms: 'Not before; null: at once.',
  starts_at_ms: 'Not usable before; null: at once.',
  activate_by_ms: 'Lapses when it was not used by then.',
  review_by_ms: 'By when it must be decided, or judged.',
  expires_at_ms: 'Serves until then.',
  was_due_ms: 'When it was over.',
  break_glass: 'null: an ordinary request.',
  marks: 'What an emergency went without.',
  right: 'By what right.',
  rule: 'The rule that refused, by its name.',
  attempted: 'What was to be done.',
  about: 'What it was about.',
  cause: 'Why.',
  channel: 'How.',
  // of a session or grant
  ends_at_ms: 'The longest that its credentials could live.',
  provider_request: 'The provider’s own id of the call, for its support.',
  packed_policy_percent: 'How full the session’s policy is, of what the provider allows.',
  parameters: 'What the provider was given, exactly; never a secret.',
  reason: 'What the provider answered, or did not.',
  settled_by: 'Whoever waited for the answer, or whoever came by later.',
  seconds_left: 'What was given back.',
  unused: 'Whether no session was ever opened.',
  milliseconds_between: 'From the asking to the confirmation.',
  // of an emergency
  review_from: 'The group that judges it.',
  review_people: 'How many distinct humans must judge it.',
  incident: 'Digest of the ticket: a second use within one incident is not barred by the first.',
  what: 'What was down.',
  seen: 'How that was seen.',
  // of a ticket
  source: 'The ticket source.',
  project: 'The project within it.',
  state: 'How the ticket stands.',
  at: 'At which step.',
  facts: 'What the source said.',
  window: 'When the change may be made; null: at any time.',
  from_ms: 'The window’s begin.',
  to_ms: 'The window’s end.',
  vouched_by_another: 'Whether somebody else gave them that part.',
  fetched_at_ms: 'When the source was asked.',
  // of a person or factor
  auth_time_ms: 'When they signed in at the provider; null: it does not say.',
  acr: 'How they signed in there, in the provider’s words; null: it does not say.',
  factor_kind: 'What kind of factor.',
  kind: 'What kind.',
  means: 'With what it could be enrolled.',
  recovery_codes: 'How many were handed out with it.',
  reset: 'The reset.',
  step: 'The code’s step of thirty seconds: each serves once.',
  purpose: 'What for.',
  failures: 'How many within a quarter of an hour.',
  // of the log and the server
  log_key: 'The verifier key of the log’s signatures.',
  format: 'The format of the log.',
  publish_needs: 'How many administrators must sign a policy.',
  enrolment_codes: 'What the first administrators enrol with.',
  configuration: 'What of the configuration matters for security.',
  entry: 'The entry whose text is gone.',
  fields: 'Which fields.',
  // of telling
  audience: 'Who was to be told.',
  group: 'The group, where it is one.',
  occasion: 'Why they are told.',
  delivered: 'Whether it arrived, as far as that can be known.',
  failure: 'What went wrong; null: nothing.',
  // of a policy
  'plan.groups': 'Groups that changed.',
  'plan.changes[].people': 'Who gains and who loses by it.',
  proposal: 'The proposal that is signed.',
  text_bytes: 'How long the policy is, as written.',
  canonical_bytes: 'How long it is in canonical form.',
  plan: 'Who gains and who loses what: as it is signed.',
  changes: 'Entitlement by entitlement.',
  gains: 'Groups and people that may ask for it now.',
  loses: 'Groups and people that may not ask for it any more.',
  permissions_gained: 'How many.',
  permissions_lost: 'How many.',
  sections: 'Which parts of the policy changed.',
  administrators_changed: 'Whether those who govern change.',
  auditors_changed: 'Whether those who read the log change.',
  gain: 'Who gains, by id; cut when they are many.',
  lose: 'Who loses, by id; cut when they are many.',
  gain_count: 'How many gain.',
  lose_count: 'How many lose.',
  actions_gained: 'What becomes possible.',
  actions_lost: 'What is not possible any more.',
  count: 'How many.',
  actions: 'Which; cut when they are many.',
  access: 'What an action does: reads, writes, destroys, or hands out credentials.',
  action: 'What is done, in the provider’s words.',
  resource: 'With what, in the provider’s words.',
  loosened: 'What becomes easier, in words.',
  tightened: 'What becomes harder, in words.',
  people_known:
    'Whether people were counted as listed in the policy, or those too who were seen in its groups.',
  lapses: 'What is open and lapses by it; null: not known where the plan was made.',
  request_count: 'How many requests.',
  grant_count: 'How many grants.',
  requests: 'Which; cut when they are many.',
  grants: 'Which; cut when they are many.',
  catalogue: 'The catalogue of cloud actions that it was checked with; null: none.',
};
