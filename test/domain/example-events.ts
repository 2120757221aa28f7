import { type DraftOf, draft } from '../../src/domain/draft.ts';
import type {
  BreakGlassStatement,
  EventType,
  FactorProof,
  PublishStatement,
  ReviewStatement,
  TicketFacts,
} from '../../src/domain/events.ts';

/**
 * One entry of each type, with every field filled. Their bytes are kept under test/vectors/events: never change one,
 * add a type with the next version.
 */

const AT = 1_777_896_000_000;
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const ulid = (digit: string) => digit.repeat(26);
const maya = `p-${'a'.repeat(26)}` as const;
const lea = `p-${'b'.repeat(26)}` as const;
const request = `r-${ulid('1')}` as const;
const grant = `g-${ulid('2')}` as const;
const earlierRequest = `r-${ulid('8')}` as const;
const earlierGrant = `g-${ulid('9')}` as const;
const session = `s-${ulid('3')}` as const;
const factor = `f-${ulid('4')}` as const;
const code = `v-${ulid('5')}` as const;
const signIn = `i-${ulid('6')}` as const;
const proposal = ulid('7');
const reset = ulid('a').toUpperCase();
const tom = `p-${'c'.repeat(26)}` as const;
const step = AT / 30_000;

const olderFactor = `f-${'3'.repeat(26)}`;
const passkey = {
  credential: 'q83vEjRWeJCrze8SNFZ4kA',
  public_key:
    'pQECAyYgASFYIGWgVBH8a6FJ1mRXRTc-Q4ZWyV0o2P6Yb1mq7uG8ZyRvIlggHkYq1B1xJ9uTn6R0lqg2o0kqkUnQYF0pS2m1Y3h7c9k',
  algorithm: -7,
  aaguid: '08987058-cadc-4b81-b6e1-30de50dcbe96',
  rp_id: 'broker.example',
  origin: 'https://broker.example',
  backup_eligible: true,
  backed_up: true,
  counter: 0,
  attestation_format: 'none',
  attestation_digest: digest('7'),
} as const;
/** An older passkey signs for the new one: its very key. */
const signed: FactorProof = {
  kind: 'passkey',
  factor: olderFactor,
  credential: 'EjRWeJCrze_vEjRWeJCrzQ',
  client_data: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0',
  authenticator_data: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAA',
  signature: 'MEUCIQDKZokqnCrRRFJtNBtYvG3mqDYJ1FJtR2nMyQ3Ck9xQKAIgQ8n0yqfV3Xyq',
  nonce: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
  act: {
    purpose: 'enrol',
    about: factor,
    digest: digest('8'),
    person: maya,
    factor: olderFactor,
    nonce: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
    expires_at_ms: AT + 299_000,
    log: {
      origin: 'log.example/countersign',
      size: 40,
      root: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
    },
  },
  proved_at_ms: AT,
};
const proof: FactorProof = { kind: 'totp', factor, step, proved_at_ms: AT };
const scope = [
  { action: 'batches.read', resource: 'orders-export', access: 'read' as const },
  { action: 'batches.delete', resource: 'orders-export/batches/*', access: 'destructive' as const },
];
const facts: TicketFacts = {
  source: 'register',
  project: 'CHG',
  state: 'approved',
  window: { from_ms: AT - 1000, to_ms: AT + 3_600_000 },
  part: 'assignee',
  vouched_by_another: true,
  fetched_at_ms: AT - 20,
  response_digest: digest('a'),
};
const pinned = {
  nonce: 'bm9uY2U=',
  expires_at_ms: AT + 299_000,
  log: { origin: 'log.example/countersign', size: 41, root: 'cm9vdA==' },
};
const about = { request, request_leaf: 'bGVhZg==', requester: maya };
const reviewStatement: ReviewStatement = {
  purpose: 'review',
  verdict: 'approve',
  ...about,
  stage: 0,
  policy_digest: digest('b'),
  rule_digest: digest('c'),
  people: [maya],
  targets: ['orders-prod'],
  scope,
  seconds: 1800,
  start_ms: AT + 600_000,
  ticket_digest: facts.response_digest,
  reviewer: lea,
  factor,
  ...pinned,
};
const emergencyStatement: BreakGlassStatement = {
  purpose: 'review-break-glass',
  verdict: 'justified',
  ...about,
  reviewer: lea,
  factor,
  ...pinned,
};
const publishStatement: PublishStatement = {
  purpose: 'publish',
  proposal,
  from_digest: digest('b'),
  to_digest: digest('d'),
  plan_digest: digest('e'),
  signer: lea,
  factor,
  ...pinned,
};
const onRequest = `request/${request}` as const;
const onGrant = { request, grant };

export const EXAMPLE_AT_MS = AT;

export const exampleEvents: { readonly [T in EventType]: DraftOf<T> } = {
  'countersign.log.genesis.v1': draft('countersign.log.genesis.v1', 'log', 'log.example/countersign', {
    origin: 'log.example/countersign',
    log_key: 'log.example/countersign+00000000+AQ==',
    format: 'countersign/log/v1',
    administrators: [
      { person: maya, issuer: 'corp' },
      { person: lea, issuer: 'corp' },
    ],
    publish_needs: 2,
    factor: 'totp',
    enrolment_codes: [{ code, person: maya, expires_at_ms: AT + 86_400_000 }],
  }),
  'countersign.server.configured.v1': draft('countersign.server.configured.v1', 'log', 'broker-1', {
    broker: 'broker-1',
    configuration: { listen: '127.0.0.1:8470', issuers: [{ name: 'corp', groups_claim: null }] },
    digest: digest('f'),
  }),
  'countersign.text.erased.v1': draft(
    'countersign.text.erased.v1',
    onRequest,
    request,
    { entry: 17, fields: ['justification'] },
    { reason: 'asked for by the person' },
  ),
  'countersign.person.authenticated.v1': draft(
    'countersign.person.authenticated.v1',
    `sign-in/${signIn}`,
    maya,
    {
      sign_in: signIn,
      person: maya,
      issuer: 'corp',
      groups: ['eng', 'leads'],
      auth_time_ms: AT - 5000,
      acr: 'mfa',
      key_set_digest: digest('1'),
      key_thumbprint: 'dGh1bWJwcmludA',
      expires_at_ms: AT + 43_200_000,
      way: 'browser',
      may: 'everything',
    },
    { subject: '00u1', display_name: 'Maya', address: '192.0.2.7', user_agent: 'curl/8', id_token: 'sealed' },
  ),
  'countersign.person.signed-out.v1': draft('countersign.person.signed-out.v1', `sign-in/${signIn}`, maya, {
    sign_in: signIn,
    person: maya,
    cause: 'person',
  }),
  'countersign.person.left.v1': draft(
    'countersign.person.left.v1',
    `person/${maya}`,
    maya,
    { person: maya, recorded_by: lea, groups: ['admins'], proof },
    { reason: 'Her last day.' },
  ),
  'countersign.person.returned.v1': draft(
    'countersign.person.returned.v1',
    `person/${maya}`,
    maya,
    { person: maya, recorded_by: lea, groups: ['admins'], proof },
    { reason: 'Recorded by mistake.' },
  ),
  'countersign.factor.vouched.v1': draft('countersign.factor.vouched.v1', `person/${maya}`, maya, {
    person: maya,
    voucher: lea,
    code,
    expires_at_ms: AT + 86_400_000,
    proof,
  }),
  'countersign.factor.enrolled.v1': draft(
    'countersign.factor.enrolled.v1',
    `person/${maya}`,
    maya,
    {
      person: maya,
      factor,
      factor_kind: 'passkey',
      passkey,
      means: 'factor',
      enrolment_code: code,
      voucher: lea,
      recovery_codes: 10,
      proof: signed,
    },
    { label: 'telephone' },
  ),
  'countersign.factor.removed.v1': draft('countersign.factor.removed.v1', `person/${maya}`, maya, {
    person: maya,
    factor,
    proof,
  }),
  'countersign.factor.recovery-vouched.v1': draft(
    'countersign.factor.recovery-vouched.v1',
    `person/${maya}`,
    maya,
    { person: maya, voucher: lea, factor, proof },
  ),
  'countersign.factor.reset-requested.v1': draft(
    'countersign.factor.reset-requested.v1',
    `person/${maya}`,
    maya,
    { person: maya, reset, requested_by: lea, groups: ['admins'], expires_at_ms: AT + 86_400_000, proof },
    { reason: 'The telephone is lost.' },
  ),
  'countersign.factor.reset.v1': draft('countersign.factor.reset.v1', `person/${maya}`, maya, {
    person: maya,
    reset,
    requested_by: lea,
    confirmed_by: tom,
    groups: ['admins'],
    factors: [factor],
    proof,
  }),
  'countersign.factor.used.v1': draft('countersign.factor.used.v1', `factor-use/${factor}/${step}`, maya, {
    person: maya,
    factor,
    step,
    nonce: null,
    counter: null,
    purpose: 'review',
    about: digest('2'),
  }),
  'countersign.factor.failed.v1': draft('countersign.factor.failed.v1', `attempts/${maya}/1975440`, maya, {
    person: maya,
    purpose: 'open',
    failures: 3,
  }),
  'countersign.command.refused.v1': draft(
    'countersign.command.refused.v1',
    `refusals/${maya}/493860`,
    'operator',
    {
      person: maya,
      attempted: 'submit',
      rule: 'requester-is-eligible',
      about: 'operator',
      asked: {
        entitlement: 'operator',
        policy_digest: digest('b'),
        rule_digest: digest('c'),
        people: [maya],
        targets: ['orders-prod'],
        scope,
        seconds: 1800,
        start_ms: AT + 600_000,
        groups: ['engineers'],
        break_glass: false,
      },
    },
  ),
  'countersign.ticket.written.v1': draft(
    'countersign.ticket.written.v1',
    'ticket/register/4kq9',
    'register',
    {
      source: 'register',
      project: 'CHG',
      state: 'approved',
      creator: maya,
      responders: [{ person: maya, named_by: lea }],
      assignee: { person: maya, named_by: lea },
      approved_by: lea,
      window: facts.window,
    },
    { ticket: 'CHG-7', title: 'Move the export' },
  ),
  'countersign.ticket.checked.v1': draft(
    'countersign.ticket.checked.v1',
    onRequest,
    request,
    { request, person: maya, at: 'review', facts },
    { ticket: 'CHG-7' },
  ),
  'countersign.request.submitted.v1': draft(
    'countersign.request.submitted.v1',
    onRequest,
    request,
    {
      request,
      person: maya,
      entitlement: 'operator',
      people: [maya, lea],
      targets: ['orders-prod', 'orders-staging'],
      policy_digest: digest('b'),
      rule_digest: digest('c'),
      parameters: { batch: '2026-05-04' },
      scope,
      seconds: 1800,
      start_ms: AT + 600_000,
      extends: { request: earlierRequest, grant: earlierGrant },
      groups: ['engineers'],
      proof,
      key_thumbprint: 'dGh1bWJwcmludA',
      review_by_ms: AT + 28_800_000,
      stages: [{ people: 1, from: 'leads', escalate: { after_seconds: 900, to: 'security' } }],
      break_glass: {
        marks: ['ticket-unverified', 'unwitnessed', 'membership-cached'],
        review_by_ms: AT + 86_400_000,
      },
    },
    { justification: 'The export hangs.', ticket: 'INC-2291' },
  ),
  'countersign.request.reviewed.v1': draft(
    'countersign.request.reviewed.v1',
    onRequest,
    request,
    {
      request,
      reviewer: lea,
      stage: 0,
      verdict: 'approve',
      right: 'escalation',
      groups: ['leads'],
      policy_digest: digest('b'),
      rule_digest: digest('c'),
      scope,
      seconds: 1800,
      statement: reviewStatement,
      statement_digest: digest('3'),
      proof,
    },
    { reason: 'Looked at it.' },
  ),
  'countersign.request.approved.v1': draft('countersign.request.approved.v1', onRequest, request, {
    request,
    grant,
    person: maya,
    target: 'orders-prod',
    policy_digest: digest('b'),
    rule_digest: digest('c'),
    scope,
    seconds: 1800,
    starts_at_ms: AT + 600_000,
    activate_by_ms: AT + 3_600_000,
  }),
  'countersign.request.withdrawn.v1': draft('countersign.request.withdrawn.v1', onRequest, request, {
    request,
    person: maya,
  }),
  'countersign.request.cancelled.v1': draft('countersign.request.cancelled.v1', onRequest, request, {
    request,
    cause: 'person-left',
    about: maya,
  }),
  'countersign.request.expired.v1': draft('countersign.request.expired.v1', onRequest, request, {
    request,
    was_due_ms: AT - 1,
  }),
  'countersign.session.opening.v1': draft(
    'countersign.session.opening.v1',
    onRequest,
    grant,
    {
      request,
      grant,
      session,
      person: maya,
      target: 'orders-prod',
      groups: ['engineers'],
      policy_digest: digest('b'),
      rule_digest: digest('c'),
      proof,
      key_thumbprint: 'dGh1bWJwcmludA',
      cosigned_size: 40,
      provider: 'aws',
      parameters: {
        role_arn: 'arn:aws:iam::447109238812:role/Operator',
        duration_seconds: 1800,
        source_identity: grant,
      },
      parameters_digest: digest('4'),
      earliest_end_ms: AT + 1_800_000,
      ends_at_ms: AT + 1_921_000,
      broker: 'broker-1',
      settle_by_ms: AT + 60_000,
    },
    { address: '192.0.2.7' },
  ),
  'countersign.session.opened.v1': draft('countersign.session.opened.v1', onRequest, grant, {
    ...onGrant,
    session,
    cloud_session: 'ASIAEXAMPLE',
    provider_request: '5f1c',
    expires_at_ms: AT + 1_800_000,
    packed_policy_percent: 12,
  }),
  'countersign.session.failed.v1': draft('countersign.session.failed.v1', onRequest, grant, {
    ...onGrant,
    session,
    reason: 'no answer',
    certain: false,
    settled_by: 'recovery',
  }),
  'countersign.grant.ended.v1': draft('countersign.grant.ended.v1', onRequest, grant, {
    ...onGrant,
    person: maya,
    seconds_left: 600,
  }),
  'countersign.grant.revoke-requested.v1': draft(
    'countersign.grant.revoke-requested.v1',
    onRequest,
    grant,
    { ...onGrant, person: lea, right: 'zone-owner', channel: 'introspection', groups: ['leads'] },
    { reason: 'The incident is over.' },
  ),
  'countersign.grant.cut-off.v1': draft('countersign.grant.cut-off.v1', onRequest, grant, {
    ...onGrant,
    cause: 'extended-grant-revoked',
    about: earlierGrant,
    channel: 'introspection',
  }),
  'countersign.grant.revoke-confirmed.v1': draft('countersign.grant.revoke-confirmed.v1', onRequest, grant, {
    ...onGrant,
    seen: 'introspection',
    milliseconds_between: 12,
  }),
  'countersign.grant.expired.v1': draft('countersign.grant.expired.v1', onRequest, grant, {
    ...onGrant,
    unused: true,
    was_due_ms: AT - 1,
  }),
  'countersign.break-glass.used.v1': draft(
    'countersign.break-glass.used.v1',
    `break-glass/${maya}`,
    request,
    {
      request,
      person: maya,
      entitlement: 'operator',
      review_by_ms: AT + 86_400_000,
      review_from: 'security',
      review_people: 1,
      incident: 'aW5jaWRlbnQ=',
      down: [{ what: 'ticket', seen: 'no answer within 3 s' }],
      zone: 'production',
    },
  ),
  'countersign.break-glass.reviewed.v1': draft(
    'countersign.break-glass.reviewed.v1',
    `break-glass/${maya}`,
    request,
    {
      request,
      person: maya,
      reviewer: lea,
      verdict: 'justified',
      groups: ['security'],
      statement: emergencyStatement,
      statement_digest: digest('5'),
      proof,
    },
    { reason: 'The register was down.' },
  ),
  'countersign.notification.sent.v1': draft(
    'countersign.notification.sent.v1',
    `notifications/${request}`,
    request,
    {
      about: 40,
      occasion: 'review-wanted',
      matter: request,
      audience: 'reviewers',
      group: 'leads',
      channel: 'webhook',
      delivered: false,
      attempts: 3,
      failure: 'answered 503',
    },
  ),
  'countersign.policy.proposed.v1': draft('countersign.policy.proposed.v1', 'policy', digest('d'), {
    proposal,
    person: maya,
    from_digest: digest('b'),
    to_digest: digest('d'),
    text_digest: digest('6'),
    text_bytes: 4096,
    canonical_bytes: 3072,
    plan: {
      changes: [
        {
          entitlement: 'operator',
          kind: 'changed',
          gains: ['contractors'],
          loses: [],
          people: { gain_count: 2, lose_count: 0, gain: [maya], lose: [] },
          permissions_gained: 1,
          permissions_lost: 0,
          actions_gained: [{ access: 'write', count: 1, actions: ['rds:FailoverDBCluster'] }],
          actions_lost: [],
          loosened: ['lasts at most 2h instead of 1h'],
          tightened: ['needs a ticket of INC that is open'],
          fields: ['eligible'],
        },
      ],
      groups: ['contractors'],
      sections: ['entitlements'],
      administrators_changed: false,
      auditors_changed: true,
      administrators: { gain_count: 0, lose_count: 1, gain: [], lose: [lea] },
      auditors: { gain_count: 1, lose_count: 0, gain: [maya], lose: [] },
      loosened: ['opening takes no factor instead of a factor (totp)'],
      tightened: ['publishing takes 3 administrators instead of 2'],
      people_known: 'listed-and-seen',
      lapses: { request_count: 1, grant_count: 0, requests: [request], grants: [] },
      catalogue: 'iam-data 0.21.202609261',
    },
    plan_digest: digest('e'),
  }),
  'countersign.policy.signed.v1': draft('countersign.policy.signed.v1', 'policy', digest('d'), {
    proposal,
    signer: lea,
    groups: ['admins'],
    to_digest: digest('d'),
    statement: publishStatement,
    statement_digest: digest('7'),
    proof,
  }),
  'countersign.policy.published.v1': draft('countersign.policy.published.v1', 'policy', digest('d'), {
    proposal,
    from_digest: digest('b'),
    to_digest: digest('d'),
    signers: [maya, lea],
  }),
};
