import type { Actor } from '../../src/domain/actor.ts';
import { breakGlassFold } from '../../src/domain/break-glass/state.ts';
import { type Draft, draft } from '../../src/domain/draft.ts';
import type {
  BreakGlassStatement,
  FactorProof,
  PublishStatement,
  ReviewStatement,
  TicketFacts,
} from '../../src/domain/events.ts';
import type { PersonId } from '../../src/domain/ids.ts';
import type { PersonState } from '../../src/domain/person/state.ts';
import { attemptsFold, factorUseFold, passkeyUseFold } from '../../src/domain/person/state.ts';
import type { Humans } from '../../src/domain/policy/humans.ts';
import type { FactorKind, Permission, ResolvedRule } from '../../src/domain/policy/policy.ts';
import { resolveRule, ruleDigest } from '../../src/domain/policy/resolve.ts';
import type { Proposal } from '../../src/domain/policy-change/state.ts';
import { requestFold } from '../../src/domain/request/evolve.ts';
import type { OpenInput } from '../../src/domain/request/open.ts';
import type { ReviewInput } from '../../src/domain/request/review.ts';
import type { GrantState, RequestState } from '../../src/domain/request/state.ts';
import type { SubmitInput } from '../../src/domain/request/submit.ts';
import type { TicketCheck, TicketOfPerson } from '../../src/domain/request/submit-context.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { ordersPolicy } from '../orders-policy.ts';
import { NOON_MS, stateAfter } from './story.ts';

/** Sound inputs of each decision: every test spoils one thing in them. */

export const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
export const POLICY = digest('a');

export function ruleOf(entitlement: string): ResolvedRule {
  const rule = resolveRule(ordersPolicy, entitlement);
  if (rule === undefined) throw new Error(`no rule for ${entitlement}`);
  return rule;
}
export const rule = ruleOf('operator');
export const RULE = ruleDigest(nodeHasher, rule);
export const scope: readonly Permission[] = rule.scope;
export const [TARGET = ''] = Object.keys(rule.targets);

export function actor(name: string, more: Partial<Actor> = {}): Actor {
  return {
    kind: 'human',
    person: `p-${name}`,
    signIn: 'i-1',
    issuer: 'corp',
    idpGroups: [],
    claimsAtMs: NOON_MS,
    membership: 'fresh',
    keyThumbprint: `key-of-${name}`,
    workload: null,
    address: null,
    ...more,
  };
}

export const facts: TicketFacts = {
  source: 'register',
  project: 'INC',
  state: 'open',
  window: null,
  part: 'responder',
  vouched_by_another: true,
  fetched_at_ms: NOON_MS,
  response_digest: digest('7'),
};
export const found = (more: Partial<TicketFacts> = {}) =>
  ({ kind: 'found', facts: { ...facts, ...more }, ticket: 'INC-1' }) as const;
/** The ticket as it concerns each person that is asked for. */
export const ticketsOf = (check: TicketCheck, ...names: readonly string[]): readonly TicketOfPerson[] =>
  names.map((name) => ({ person: `p-${name}`, check }));
export const ofMaya = (check: TicketCheck): readonly TicketOfPerson[] => ticketsOf(check, 'maya');

/** Somebody with one factor, enrolled long ago. */
export const person = (factor: string, more: Partial<PersonState['factors'][string]> = {}): PersonState => ({
  factors: {
    [factor]: {
      factor,
      kind: 'totp',
      passkey: null,
      means: 'enrolment-code',
      enrolledAtMs: 0,
      seq: 1,
      recoveryVouchedBy: null,
      ...more,
    },
  },
  codes: {},
  usedCodes: [],
  recoveryCodes: 8,
  left: false,
  leftSeq: -1,
  signInsEndedSeq: -1,
  resetAtMs: null,
  resets: {},
});

export const step = NOON_MS / 30_000;
export const factorStates = (name: string) => ({
  person: person(`f-${name}`),
  use: factorUseFold.initial,
  passkeyUse: passkeyUseFold.initial,
  attempts: [attemptsFold.initial, attemptsFold.initial] as const,
});
export const shown = (name: string) => ({ kind: 'right', factor: `f-${name}`, step }) as const;
export const proof = (
  name: string,
  more: Partial<Extract<FactorProof, { kind: 'totp' }>> = {},
): FactorProof => ({
  kind: 'totp',
  factor: `f-${name}`,
  step,
  proved_at_ms: NOON_MS,
  ...more,
});

export const submitInput = (more: Partial<SubmitInput> = {}): SubmitInput => ({
  actor: actor('maya'),
  groups: ['engineers'],
  rule,
  asked: {
    entitlement: 'operator',
    people: null,
    targets: null,
    parameters: {},
    seconds: 1800,
    startMs: null,
    extends: null,
    scope: null,
    ticket: 'INC-1',
    justification: 'x',
    breakGlass: false,
  },
  scope,
  tickets: ofMaya(found()),
  extended: undefined,
  peopleWhoLeft: [],
  pendingCount: 0,
  debt: breakGlassFold.initial,
  incident: 'INCIDENT',
  request: 'r-1',
  grants: ['g-1', 'g-2', 'g-3', 'g-4'],
  policyDigest: POLICY,
  ruleDigest: RULE,
  askDigest: digest('9'),
  shown: shown('maya'),
  factorStates: factorStates('maya'),
  refusals: { count: 0 },
  nowMs: NOON_MS,
  ...more,
});

type Submitted = Extract<Draft, { type: 'countersign.request.submitted.v1' }>['body'];
export const submitted = (more: Partial<Submitted> = {}): Draft =>
  draft(
    'countersign.request.submitted.v1',
    'request/r-1',
    'r-1',
    {
      request: 'r-1',
      person: 'p-maya',
      entitlement: 'operator',
      people: ['p-maya'],
      targets: [TARGET],
      policy_digest: POLICY,
      rule_digest: RULE,
      parameters: {},
      scope: [...scope],
      seconds: 1800,
      start_ms: null,
      extends: null,
      groups: ['engineers'],
      proof: proof('maya'),
      key_thumbprint: 'key-of-maya',
      review_by_ms: NOON_MS + 28_800_000,
      stages: [{ people: 1, from: 'leads', escalate: null }],
      break_glass: null,
      ...more,
    },
    { justification: 'x', ticket: 'INC-1' },
  );

type Approved = Extract<Draft, { type: 'countersign.request.approved.v1' }>['body'];
export const approved = (more: Partial<Approved> = {}): Draft =>
  draft('countersign.request.approved.v1', 'request/r-1', 'r-1', {
    request: 'r-1',
    grant: 'g-1',
    person: 'p-maya',
    target: TARGET,
    policy_digest: POLICY,
    rule_digest: RULE,
    scope: [...scope],
    seconds: 1800,
    starts_at_ms: null,
    activate_by_ms: NOON_MS + 3_600_000,
    ...more,
  });

type Opening = Extract<Draft, { type: 'countersign.session.opening.v1' }>['body'];
export const opening = (session: string, more: Partial<Opening> = {}): Draft =>
  draft(
    'countersign.session.opening.v1',
    'request/r-1',
    'g-1',
    {
      request: 'r-1',
      grant: 'g-1',
      session,
      person: 'p-maya',
      target: TARGET,
      groups: ['engineers'],
      policy_digest: POLICY,
      rule_digest: RULE,
      proof: proof('maya'),
      key_thumbprint: 'key-of-maya',
      cosigned_size: null,
      provider: 'token',
      parameters: {},
      parameters_digest: digest('8'),
      earliest_end_ms: NOON_MS + 1_800_000,
      ends_at_ms: NOON_MS + 1_800_000,
      broker: 'b',
      settle_by_ms: NOON_MS + 60_000,
      ...more,
    },
    { address: null },
  );

const at = { request: 'r-1', grant: 'g-1' } as const;
export const opened = (session: string, expires_at_ms = NOON_MS + 1_800_000): Draft =>
  draft('countersign.session.opened.v1', 'request/r-1', 'g-1', {
    ...at,
    session,
    cloud_session: `cloud-${session}`,
    provider_request: null,
    expires_at_ms,
    packed_policy_percent: null,
  });
export const failed = (session: string, certain: boolean): Draft =>
  draft('countersign.session.failed.v1', 'request/r-1', 'g-1', {
    ...at,
    session,
    reason: 'no',
    certain,
    settled_by: 'caller',
  });
export const ended = (): Draft =>
  draft('countersign.grant.ended.v1', 'request/r-1', 'g-1', { ...at, person: 'p-maya', seconds_left: 1 });
export const revokeRequested = (): Draft =>
  draft(
    'countersign.grant.revoke-requested.v1',
    'request/r-1',
    'g-1',
    { ...at, person: 'p-lea', right: 'reviewer', channel: 'introspection', groups: ['leads'] },
    { reason: null },
  );
export const confirmed = (): Draft =>
  draft('countersign.grant.revoke-confirmed.v1', 'request/r-1', 'g-1', {
    ...at,
    seen: 'introspection',
    milliseconds_between: 1,
  });
export const expired = (): Draft =>
  draft('countersign.grant.expired.v1', 'request/r-1', 'g-1', { ...at, unused: true, was_due_ms: NOON_MS });
export const nudged = (more: { readonly stage?: number } = {}): Draft =>
  draft('countersign.request.nudged.v1', 'request/r-1', 'r-1', {
    request: 'r-1',
    person: 'p-maya',
    stage: 0,
    policy_digest: POLICY,
    hear: ['leads'],
    channels: ['email'],
    ...more,
  });
export const withdrawn = (): Draft =>
  draft('countersign.request.withdrawn.v1', 'request/r-1', 'r-1', { request: 'r-1', person: 'p-maya' });
export const requestExpired = (): Draft =>
  draft('countersign.request.expired.v1', 'request/r-1', 'r-1', { request: 'r-1', was_due_ms: NOON_MS });

const pinned = {
  nonce: 'n-1',
  expires_at_ms: NOON_MS + 60_000,
  log: { origin: 'log.example', size: 9, root: 'root' },
} as const;

export const pending: RequestState = stateAfter(requestFold, [submitted()]);

export const statement = (more: Partial<ReviewStatement> = {}): ReviewStatement => ({
  purpose: 'review',
  verdict: 'approve',
  request: 'r-1',
  request_leaf: pending.submittedLeaf,
  requester: 'p-maya',
  stage: 0,
  policy_digest: POLICY,
  rule_digest: RULE,
  people: ['p-maya'],
  targets: [TARGET],
  scope: [...scope],
  seconds: 1800,
  start_ms: null,
  ticket_digest: facts.response_digest,
  reviewer: 'p-lea',
  factor: 'f-lea',
  ...pinned,
  ...more,
});

export const reviewed = (more: Partial<ReviewStatement> = {}): Draft => {
  const signed = statement(more);
  const { reviewer, stage, verdict } = signed;
  return draft(
    'countersign.request.reviewed.v1',
    'request/r-1',
    'r-1',
    {
      request: 'r-1',
      reviewer,
      stage,
      verdict,
      right: 'stage',
      groups: ['leads'],
      policy_digest: POLICY,
      rule_digest: RULE,
      scope: signed.scope,
      seconds: signed.seconds,
      statement: signed,
      statement_digest: digest('5'),
      proof: proof('lea'),
    },
    { reason: null },
  );
};

export const reviewInput = (more: Partial<ReviewInput> = {}): ReviewInput => ({
  actor: actor('lea'),
  groups: ['leads'],
  state: pending,
  rule,
  humans: {},
  policyDigest: POLICY,
  ruleDigest: RULE,
  statement: statement(),
  tickets: ofMaya(found()),
  peopleWhoLeft: [],
  extended: undefined,
  reviewer: person('f-lea'),
  logFits: true,
  origin: 'log.example',
  nowMs: NOON_MS,
  grants: ['g-1', 'g-2', 'g-3', 'g-4'],
  statementDigest: digest('5'),
  reason: null,
  shown: shown('lea'),
  factorStates: factorStates('lea'),
  refusals: { count: 0 },
  ...more,
});

export const granted = (...more: readonly Draft[]): RequestState =>
  stateAfter(requestFold, [submitted(), reviewed(), approved(), ...more]);

export function grantOf(state: RequestState): GrantState {
  const grant = state.grants['g-1'];
  if (grant === undefined) throw new Error('there is no grant');
  return grant;
}

export function openInput(more: Partial<OpenInput> = {}, state: RequestState = granted()): OpenInput {
  return {
    actor: actor('maya'),
    groups: ['engineers'],
    state,
    grant: grantOf(state),
    rule,
    ruleDigest: RULE,
    humans: {},
    tickets: ofMaya(found()),
    extended: undefined,
    peopleWhoLeft: [],
    approversWhoLeft: [],
    approversWithoutFactor: [],
    session: 's-1',
    policyDigest: POLICY,
    broker: 'b',
    shown: { kind: 'nothing' },
    factorStates: factorStates('maya'),
    refusals: { count: 0 },
    prepare: (grant, endsAtMs) => ({
      provider: 'token',
      parameters: {},
      parametersDigest: digest('8'),
      scope: grant.scope,
      earliestEndMs: endsAtMs,
      endsAtMs,
    }),
    nowMs: NOON_MS,
    ...more,
  };
}

const proposal: Proposal = {
  proposal: 'o-1',
  person: 'p-ann',
  fromDigest: POLICY,
  toDigest: digest('b'),
  planDigest: digest('c'),
  plan: {
    changes: [],
    groups: [],
    sections: [],
    administrators_changed: false,
    auditors_changed: false,
    administrators: { gain_count: 0, lose_count: 0, gain: [], lose: [] },
    auditors: { gain_count: 0, lose_count: 0, gain: [], lose: [] },
    loosened: [],
    tightened: [],
    people_known: 'listed',
    lapses: null,
    catalogue: null,
  },
  signers: [],
  signatures: {},
  nonces: [],
  proposedAtMs: 0,
};

const publishStatement = (more: Partial<PublishStatement> = {}): PublishStatement => ({
  purpose: 'publish',
  proposal: 'o-1',
  from_digest: POLICY,
  to_digest: digest('b'),
  plan_digest: digest('c'),
  signer: 'p-ann',
  factor: 'f-ann',
  ...pinned,
  ...more,
});

export const signInput = () => ({
  actor: actor('ann'),
  groups: ['admins'] as readonly string[],
  publishers: { group: 'admins' } as { readonly group: string } | { readonly persons: readonly PersonId[] },
  needs: 2,
  state: { inForce: POLICY as string | null, publishedAtMs: 0, proposals: { 'o-1': proposal } },
  proposal,
  standing: [] as readonly string[],
  humans: {} as Humans,
  peopleWhoLeft: [] as readonly string[],
  statement: publishStatement(),
  statementDigest: digest('5'),
  reviewer: person('f-ann'),
  logFits: true,
  origin: 'log.example',
  nonces: [] as readonly string[],
  nowMs: NOON_MS,
  shown: shown('ann'),
  demanded: 'totp' as FactorKind | undefined,
  factorStates: factorStates('ann'),
  refusals: { count: 0 },
});

export const emergency = {
  marks: ['ticket-unverified' as const],
  review_by_ms: NOON_MS + 86_400_000,
};

const breakGlassStatement = (): BreakGlassStatement => ({
  purpose: 'review-break-glass',
  verdict: 'justified',
  request: 'r-1',
  request_leaf: pending.submittedLeaf,
  requester: 'p-maya',
  reviewer: 'p-sid',
  factor: 'f-sid',
  ...pinned,
});

export const breakGlassReviewInput = () => ({
  actor: actor('sid'),
  groups: ['security'] as readonly string[],
  humans: {} as Humans,
  peopleWhoLeft: [] as readonly string[],
  request: stateAfter(requestFold, [submitted({ break_glass: emergency }), approved()]),
  use: {
    request: 'r-1',
    usedSeq: 1,
    entitlement: 'operator',
    incident: 'INCIDENT',
    reviewByMs: NOON_MS + 86_400_000,
    reviewFrom: 'security',
    reviewPeople: 2,
    reviews: [] as readonly { readonly reviewer: string; readonly verdict: 'justified' | 'not-justified' }[],
    nonces: [] as readonly string[],
  },
  statement: breakGlassStatement(),
  statementDigest: digest('5'),
  reviewer: person('f-sid'),
  logFits: true,
  origin: 'log.example',
  nonces: [] as readonly string[],
  nowMs: NOON_MS,
  reason: null,
  shown: shown('sid'),
  demanded: 'totp' as FactorKind,
  factorStates: factorStates('sid'),
  refusals: { count: 0 },
});
