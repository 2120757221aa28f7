import { z } from 'zod';

/**
 * The catalogue of events: what each entry's `data` holds, which of its texts are personal, and the sentence that
 * tells it to a person. A released type is read for ever: a change of meaning is a new type with the next version.
 *
 * Personal texts stand in `data` as `{ commitment }` (log/commitment.ts); key and value live beside the log and can be
 * erased. Everything else is plain, for ever, and never a secret.
 */

const text = (most: number) => z.string().min(1).max(most);
const id = text(80);
const name = text(200);
const seconds = z.int().min(1).max(31_536_000);
/** Milliseconds since 1970, UTC. */
const time_ms = z.int().min(0);
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const committed = z.strictObject({ commitment: z.string() });

const access = z.enum(['read', 'write', 'destructive', 'credentials']);
const permission = z.strictObject({ action: name, resource: text(2048), access });
const scope = z.array(permission).min(1).max(1000);
const groups = z.array(name).max(200);
/** A request becomes a grant for each person on each target: at most 50. */
const people = z.array(id).min(1).max(20);
const targets = z.array(name).min(1).max(20);

/** Who did it and how we know. `broker` acts for itself: timed work, what a cloud answered, recovery, start. */
export const by = z.union([
  z.strictObject({
    kind: z.enum(['human', 'workload']),
    person: id,
    sign_in: id.nullable(),
    /** When the provider last told the groups; a decision says how old its facts were. */
    claims_at_ms: time_ms,
  }),
  z.strictObject({ kind: z.literal('broker'), broker: id }),
  /** `server init` at the console of the machine, before anybody can sign in. */
  z.strictObject({ kind: z.literal('console') }),
]);

/** In every entry: the actor, the command that made it (several entries may share one), the program, the decision's time. */
const base = { by, command: id, program: text(60), decided_at_ms: time_ms };

/** How a factor was shown. `attested`: the broker checked it and says so; a stranger cannot check it again. */
const proof = z.strictObject({
  kind: z.literal('totp'),
  factor: id,
  step: z.int().min(0),
  /** The command that spent the code; an opening may rest on the request's proof for a quarter of an hour. */
  proved_at_ms: time_ms,
});
export type FactorProof = z.infer<typeof proof>;

/** What a ticket source said at one moment. The ticket's name and title are personal; the rest is needed to judge. */
const ticket_facts = z.strictObject({
  source: name,
  project: name,
  state: z.enum(['open', 'approved', 'closed']),
  window: z.strictObject({ from_ms: time_ms, to_ms: time_ms }).nullable(),
  /** The person's part in it, and whether anybody but they themselves vouches for that. */
  part: z.enum(['responder', 'assignee', 'none']),
  vouched_by_another: z.boolean(),
  fetched_at_ms: time_ms,
  response_digest: digest,
});
export type TicketFacts = z.infer<typeof ticket_facts>;

/** Who gains and who loses what; see policy/plan.ts. */
const plan = z.strictObject({
  changes: z.array(
    z.strictObject({
      entitlement: name,
      kind: z.enum(['added', 'removed', 'changed']),
      gains: z.array(name),
      loses: z.array(name),
      permissions_gained: z.int().min(0),
      permissions_lost: z.int().min(0),
      fields: z.array(name),
    }),
  ),
  groups: z.array(name),
  sections: z.array(name),
  administrators_changed: z.boolean(),
  auditors_changed: z.boolean(),
});

/** The session's cloud side, exactly as it will be sent; never a secret. */
const provider_parameters = z.record(z.string(), z.json());

export const mark = z.enum(['ticket-unverified', 'unwitnessed', 'membership-cached']);

/** The RFC 8785 form of this value is what a person signs or attests. It pins the log's history at that moment. */
export const statement = z.discriminatedUnion('purpose', [
  z.strictObject({
    purpose: z.literal('review'),
    verdict: z.enum(['approve', 'deny']),
    request: id,
    /** Base64 of the RFC 6962 leaf hash of the `request.submitted` entry. */
    request_leaf: text(44),
    requester: id,
    stage: z.int().min(0),
    policy_digest: digest,
    rule_digest: digest,
    /** For whom and where: a grant for each of them on each of these. */
    people,
    targets,
    scope,
    seconds,
    /** null: from the first session on, whenever that is within the time to use it. */
    start_ms: time_ms.nullable(),
    ticket_digest: digest.nullable(),
    reviewer: id,
    factor: id,
    nonce: text(44),
    expires_at_ms: time_ms,
    log: z.strictObject({ origin: name, size: z.int().min(1), root: text(44) }),
  }),
  z.strictObject({
    purpose: z.literal('review-break-glass'),
    verdict: z.enum(['justified', 'not-justified']),
    request: id,
    request_leaf: text(44),
    requester: id,
    reviewer: id,
    factor: id,
    nonce: text(44),
    expires_at_ms: time_ms,
    log: z.strictObject({ origin: name, size: z.int().min(1), root: text(44) }),
  }),
  z.strictObject({
    purpose: z.literal('publish'),
    proposal: id,
    from_digest: digest.nullable(),
    to_digest: digest,
    plan_digest: digest,
    signer: id,
    factor: id,
    nonce: text(44),
    expires_at_ms: time_ms,
    log: z.strictObject({ origin: name, size: z.int().min(1), root: text(44) }),
  }),
]);
export type Statement = z.infer<typeof statement>;
export type ReviewStatement = Extract<Statement, { purpose: 'review' }>;
export type BreakGlassStatement = Extract<Statement, { purpose: 'review-break-glass' }>;
export type PublishStatement = Extract<Statement, { purpose: 'publish' }>;

interface EventSpec {
  readonly schema: z.ZodType;
  readonly personal: readonly string[];
  /** Told with the names of the plain fields in braces. */
  readonly sentence: string;
}

function event<Shape extends z.ZodRawShape, const Personal extends readonly string[]>(
  shape: Shape,
  sentence: string,
  ...personal: Personal
) {
  const commitments = Object.fromEntries(personal.map((field) => [field, committed.nullable()])) as {
    [Field in Personal[number]]: z.ZodNullable<typeof committed>;
  };
  return { schema: z.strictObject({ ...base, ...shape, ...commitments }), personal, sentence };
}

export const catalogue = {
  // --- the log itself -------------------------------------------------------------------------------------------
  'countersign.log.genesis.v1': event(
    {
      origin: name,
      log_key: text(400),
      format: z.literal('countersign/log/v1'),
      administrators: z.array(z.strictObject({ person: id, issuer: name })).min(2),
      publish_needs: z.int().min(2),
      factor: z.literal('totp'),
      enrolment_codes: z.array(z.strictObject({ code: id, person: id, expires_at_ms: time_ms })),
    },
    'The log {origin} was begun with {administrators} administrators.',
  ),
  'countersign.server.configured.v1': event(
    { broker: id, configuration: z.record(z.string(), z.json()), digest },
    'Broker {broker} started with configuration {digest}.',
  ),
  'countersign.text.erased.v1': event(
    { entry: z.int().min(0), fields: z.array(name).min(1) },
    'Personal text of entry #{entry} was erased: {fields}.',
    'reason',
  ),

  // --- people ---------------------------------------------------------------------------------------------------
  'countersign.person.authenticated.v1': event(
    {
      sign_in: id,
      person: id,
      issuer: name,
      groups,
      auth_time_ms: time_ms.nullable(),
      acr: name.nullable(),
      key_set_digest: digest.nullable(),
      /** RFC 7638 thumbprint of the key that this sign-in's tokens are bound to. */
      key_thumbprint: text(60),
      expires_at_ms: time_ms,
    },
    '{person} signed in through {issuer}.',
    'subject',
    'display_name',
    'address',
    'user_agent',
    'id_token',
  ),
  'countersign.person.signed-out.v1': event({ sign_in: id, person: id }, '{person} signed out.'),
  'countersign.factor.vouched.v1': event(
    { person: id, voucher: id, code: id, expires_at_ms: time_ms, proof },
    '{voucher} vouched for a first factor of {person}.',
  ),
  'countersign.factor.enrolled.v1': event(
    {
      person: id,
      factor: id,
      factor_kind: z.literal('totp'),
      means: z.enum(['enrolment-code', 'factor', 'recovery-code']),
      enrolment_code: id.nullable(),
      voucher: id.nullable(),
      recovery_codes: z.int().min(0),
    },
    '{person} enrolled the factor {factor} by {means}.',
    'label',
  ),
  'countersign.factor.removed.v1': event(
    { person: id, factor: id, proof },
    '{person} removed the factor {factor}.',
  ),
  /** After a recovery, another human says: that was them. Until then the recovered factor proves nothing. */
  'countersign.factor.recovery-vouched.v1': event(
    { person: id, voucher: id, factor: id, proof },
    '{voucher} vouched that {person} themselves recovered the factor {factor}.',
  ),
  'countersign.factor.reset-requested.v1': event(
    { person: id, reset: id, requested_by: id, groups, expires_at_ms: time_ms, proof },
    '{requested_by} asked to reset the factors of {person}.',
    'reason',
  ),
  /** The second human: every factor of the person is gone, and a first one has to be vouched for again. */
  'countersign.factor.reset.v1': event(
    { person: id, reset: id, requested_by: id, confirmed_by: id, groups, factors: z.array(id), proof },
    '{confirmed_by} confirmed the reset of the factors of {person}, asked for by {requested_by}.',
  ),
  'countersign.person.left.v1': event(
    { person: id, recorded_by: id, groups, proof },
    '{recorded_by} recorded that {person} has left: their access ends at once.',
    'reason',
  ),
  'countersign.person.returned.v1': event(
    { person: id, recorded_by: id, groups, proof },
    '{recorded_by} recorded that {person} is back.',
    'reason',
  ),
  'countersign.factor.used.v1': event(
    {
      person: id,
      factor: id,
      step: z.int().min(0),
      purpose: z.enum([
        'request',
        'review',
        'open',
        'publish',
        'enrol',
        'vouch',
        'remove',
        'review-break-glass',
        'record-leaving',
        'reset',
      ]),
      /** What it was shown for: a request, a grant, a statement's digest. */
      about: name.nullable(),
    },
    '{person} showed {factor} for {purpose}; that code is spent.',
  ),
  'countersign.factor.failed.v1': event(
    { person: id, purpose: name, failures: z.int().min(1) },
    '{person} gave a wrong or spent code ({failures} within a quarter of an hour).',
  ),

  // --- refusals -------------------------------------------------------------------------------------------------
  'countersign.command.refused.v1': event(
    {
      person: id,
      attempted: z.enum([
        'submit',
        'review',
        'open',
        'revoke',
        'publish',
        'enrol',
        'vouch',
        'remove-factor',
        'ticket',
        'record-leaving',
        'reset',
      ]),
      rule: name,
      about: name.nullable(),
    },
    '{person} was refused ({attempted}): {rule}.',
  ),

  // --- tickets of the built-in register ---------------------------------------------------------------------------
  'countersign.ticket.written.v1': event(
    {
      source: name,
      project: name,
      state: z.enum(['open', 'approved', 'closed']),
      creator: id,
      /** Who put each responder there: only somebody else's word counts as a voucher. */
      responders: z.array(z.strictObject({ person: id, named_by: id })),
      assignee: z.strictObject({ person: id, named_by: id }).nullable(),
      approved_by: id.nullable(),
      window: z.strictObject({ from_ms: time_ms, to_ms: time_ms }).nullable(),
    },
    'A ticket of {source} was written: {state}.',
    'ticket',
    'title',
  ),

  // --- requests -------------------------------------------------------------------------------------------------
  'countersign.ticket.checked.v1': event(
    /** The part that a ticket gives somebody is this person's. */
    { request: id, person: id, at: z.enum(['submit', 'review', 'open', 'sweep']), facts: ticket_facts },
    'The ticket of {request} was checked for {person} at {at}.',
    'ticket',
  ),
  'countersign.request.submitted.v1': event(
    {
      request: id,
      person: id,
      entitlement: name,
      /** For whom: usually the one who asks. Each shows a factor of their own, and is eligible, when they open. */
      people,
      targets,
      policy_digest: digest,
      rule_digest: digest,
      /** What the entitlement's parameters were filled with; the scope below is already filled. */
      parameters: z.record(name, text(128)),
      scope,
      seconds,
      /** Not usable before. null: at once. */
      start_ms: time_ms.nullable(),
      /** A grant of the same person that this one carries on, from its end. */
      extends: z.strictObject({ request: id, grant: id }).nullable(),
      groups,
      /** null: a workload, or a policy whose request factor is none. */
      proof: proof.nullable(),
      key_thumbprint: text(60),
      review_by_ms: time_ms,
      /** How many humans of which group, in sequence; empty where the policy says `review: not-required`. */
      stages: z.array(
        z.strictObject({
          people: z.int().min(1),
          from: name,
          escalate: z.strictObject({ after_seconds: seconds, to: name }).nullable(),
        }),
      ),
      break_glass: z.strictObject({ marks: z.array(mark), review_by_ms: time_ms }).nullable(),
    },
    '{person} asked for {entitlement} on {targets}.',
    'justification',
    'ticket',
  ),
  'countersign.request.reviewed.v1': event(
    {
      request: id,
      reviewer: id,
      stage: z.int().min(0),
      verdict: z.enum(['approve', 'deny']),
      /** By what right: the stage's own group, the one it was escalated to, or one that stands in for either. */
      right: z.enum(['stage', 'escalation', 'delegation']),
      groups,
      policy_digest: digest,
      rule_digest: digest,
      scope,
      seconds,
      statement,
      statement_digest: digest,
      proof,
    },
    '{reviewer} decided {verdict} on {request}.',
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
    '{request} is approved: grant {grant} for {person} on {target}.',
  ),
  'countersign.request.withdrawn.v1': event({ request: id, person: id }, '{person} took {request} back.'),
  /** Nobody may decide it any more: who asked has left. */
  'countersign.request.cancelled.v1': event(
    { request: id, cause: z.enum(['person-left']), about: id },
    '{request} was cancelled: {cause}.',
  ),
  'countersign.request.expired.v1': event(
    { request: id, was_due_ms: time_ms },
    'Nobody decided {request} in time.',
  ),

  // --- sessions and grants ----------------------------------------------------------------------------------------
  'countersign.session.opening.v1': event(
    {
      request: id,
      grant: id,
      session: id,
      person: id,
      /** Where, in the policy's words. */
      target: name,
      groups,
      policy_digest: digest,
      rule_digest: digest,
      proof: proof.nullable(),
      key_thumbprint: text(60),
      /** How much of the log witnesses had to have cosigned. null: the policy asks for no witness. */
      cosigned_size: z.int().min(0).nullable(),
      provider: z.enum(['token', 'aws']),
      parameters: provider_parameters,
      parameters_digest: digest,
      /** The least time credentials issued by this call could live, and the most. */
      earliest_end_ms: time_ms,
      ends_at_ms: time_ms,
      broker: id,
      /** After this, another broker may settle what became of it. */
      settle_by_ms: time_ms,
    },
    '{person} is opening session {session} under {grant}.',
    'address',
  ),
  'countersign.session.opened.v1': event(
    {
      request: id,
      grant: id,
      session: id,
      /** The cloud's own name for the session (an access key id, a token id): never a secret. */
      cloud_session: text(200),
      provider_request: text(200).nullable(),
      expires_at_ms: time_ms,
      packed_policy_percent: z.int().nullable(),
    },
    'Session {session} is open in the cloud as {cloud_session}.',
  ),
  'countersign.session.failed.v1': event(
    {
      request: id,
      grant: id,
      session: id,
      reason: text(500),
      /** false: the cloud may have opened it all the same; it counts as open until `ends_at_ms` of its opening. */
      certain: z.boolean(),
      settled_by: z.enum(['caller', 'recovery']),
    },
    'Session {session} did not open: {reason}.',
  ),
  'countersign.grant.ended.v1': event(
    { request: id, grant: id, person: id, seconds_left: z.int().min(0) },
    '{person} ended {grant} early.',
  ),
  'countersign.grant.revoke-requested.v1': event(
    {
      request: id,
      grant: id,
      person: id,
      right: z.enum(['reviewer', 'zone-owner', 'administrator']),
      channel: name,
      groups,
    },
    '{person} asked to revoke {grant} as {right}.',
    'reason',
  ),
  /** The broker takes an access away by itself, because of something that was recorded. */
  'countersign.grant.cut-off.v1': event(
    {
      request: id,
      grant: id,
      cause: z.enum(['ticket-closed', 'person-left', 'extended-grant-revoked']),
      /** The person or grant that caused it; null: the ticket that was checked with it. */
      about: id.nullable(),
      channel: name,
    },
    '{grant} was cut off: {cause}.',
  ),
  'countersign.grant.revoke-confirmed.v1': event(
    {
      request: id,
      grant: id,
      /** How we know: the provider's own introspection, a probe, or that every credential has expired. */
      seen: z.enum(['introspection', 'probe', 'expiry', 'never-opened']),
      milliseconds_between: z.int().min(0),
    },
    '{grant} is revoked, seen by {seen}.',
  ),
  'countersign.grant.expired.v1': event(
    { request: id, grant: id, unused: z.boolean(), was_due_ms: time_ms },
    '{grant} ran out.',
  ),

  // --- break-glass --------------------------------------------------------------------------------------------
  'countersign.break-glass.used.v1': event(
    {
      request: id,
      person: id,
      entitlement: name,
      review_by_ms: time_ms,
      review_from: name,
      review_people: z.int().min(1),
      incident: text(44),
      /** What it had to go without, and how the broker saw that. */
      down: z.array(
        z.strictObject({ what: z.enum(['ticket', 'witness', 'identity-provider']), seen: text(300) }),
      ),
      zone: name,
    },
    '{person} broke the glass for {entitlement}; to be reviewed by {review_from}.',
  ),
  'countersign.break-glass.reviewed.v1': event(
    {
      request: id,
      person: id,
      reviewer: id,
      verdict: z.enum(['justified', 'not-justified']),
      groups,
      statement,
      statement_digest: digest,
      proof,
    },
    '{reviewer} found the break-glass {request}: {verdict}.',
    'reason',
  ),

  // --- telling people -------------------------------------------------------------------------------------------
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

  // --- policy ---------------------------------------------------------------------------------------------------
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
    '{person} proposed the policy {to_digest}.',
  ),
  'countersign.policy.signed.v1': event(
    { proposal: id, signer: id, groups, to_digest: digest, statement, statement_digest: digest, proof },
    '{signer} signed the policy {to_digest}.',
  ),
  'countersign.policy.published.v1': event(
    { proposal: id, from_digest: digest.nullable(), to_digest: digest, signers: z.array(id).min(2) },
    'The policy {to_digest} is in force.',
  ),
} as const satisfies Record<string, EventSpec>;

export type EventType = keyof typeof catalogue;

/** `data` of one type of entry, as stored: personal fields are commitments. */
export type StoredData<T extends EventType> = z.infer<(typeof catalogue)[T]['schema']>;
type PersonalField<T extends EventType> = (typeof catalogue)[T]['personal'][number];

/** An entry's type and data, as folded from the log. */
export type StoredEvent = { [T in EventType]: { readonly type: T; readonly data: StoredData<T> } }[EventType];

/** What a decision adds to `data`; the sequencer's caller fills `by`, `command`, `program` and `decided_at_ms`. */
export type EventBody<T extends EventType> = Omit<StoredData<T>, keyof typeof base | PersonalField<T>>;

export type Personal<T extends EventType> = { readonly [F in PersonalField<T>]: string | null };
