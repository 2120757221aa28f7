import type { By } from '../../src/domain/actor.ts';
import { type Draft, draft } from '../../src/domain/draft.ts';
import type { EventBody, FactorProof, Statement, TicketFacts } from '../../src/domain/events.ts';
import { type GrantId, type SessionId, streams } from '../../src/domain/ids.ts';
import { planPolicy } from '../../src/domain/policy/plan.ts';
import type { Permission, Policy, ResolvedRule } from '../../src/domain/policy/policy.ts';
import {
  policyCanonicalText,
  policyDigest,
  resolveRule,
  ruleDigest,
} from '../../src/domain/policy/resolve.ts';
import { base64, hex, utf8 } from '../../src/log/bytes.ts';
import { canonicalize } from '../../src/log/canonical-json.ts';
import type { Json } from '../../src/log/json.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { prepareAssumeRole } from '../../src/providers/aws/assume-role-parameters.ts';
import { claimsToParameters } from '../../src/providers/token/claims.ts';
import { ordersPolicy } from '../orders-policy.ts';
import { logWriter, type Tamper, type Written } from './write-log.ts';

export interface Person {
  readonly id: string;
  readonly kind: 'human' | 'workload';
  readonly groups: readonly string[];
  factor: string;
  key: string;
  signIn: string | null;
  signedInUntilMs: number;
  lastStep: number;
}

export interface Request {
  readonly id: string;
  readonly person: Person;
  readonly rule: ResolvedRule;
  readonly ruleDigest: string;
  readonly leaf: string;
  readonly scope: readonly Permission[];
  readonly seconds: number;
  readonly breakGlass: boolean;
  readonly proof: FactorProof | null;
  readonly reviewByMs: number;
  readonly reviews: {
    readonly stage: number;
    readonly scope: readonly Permission[];
    readonly seconds: number;
  }[];
  grant: string;
  grantScope: readonly Permission[];
  grantSeconds: number;
  grantEndsAtMs: number | null;
}

export interface Session {
  readonly id: string;
  readonly endsAtMs: number;
}

type CloudParameters = EventBody<'countersign.session.opening.v1'>['parameters'];
type Submitted = EventBody<'countersign.request.submitted.v1'>;

const digestOf = (value: Json): string => `sha256:${hex(nodeHasher.sha256(utf8(canonicalize(value))))}`;
const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)); // interfaces are no Json to the compiler
const honest: Tamper = (drafts) => drafts;

/** Writes honest stories; each step can be told to do otherwise, as somebody with the log's key could. */
export function buildLog(sink: (written: Written) => void, policy: Policy = ordersPolicy) {
  const startMs = Date.UTC(2026, 4, 4, 8);
  const origin = 'log.example/countersign';
  const writer = logWriter(origin, startMs, sink);
  const attachments = new Map<string, Uint8Array>();
  const world = {
    writer,
    origin,
    attachments,
    policy: undefined as Policy | undefined,
    policyDigest: null as string | null,
  };
  const commit = (by: By, drafts: readonly Draft[], tamper: Tamper = honest) =>
    writer.commit(by, tamper(drafts));

  const person = (name: string, groups: readonly string[], kind: Person['kind'] = 'human'): Person => ({
    id: `${kind === 'human' ? 'p' : 'w'}-${name.padEnd(26, 'a')}`,
    kind,
    groups,
    factor: '',
    key: base64(nodeHasher.sha256(utf8(name))).slice(0, 43),
    signIn: null,
    signedInUntilMs: 0,
    lastStep: 0,
  });
  const people = {
    maya: person('maya', ['engineers']),
    tomas: person('tomas', ['leads', 'engineers']),
    lea: person('lea', ['leads']),
    sid: person('sid', ['security']),
    ann: person('ann', ['admins']),
    bob: person('bob', ['admins']),
    pipe: person('pipe', ['deploy'], 'workload'),
  };

  const byOf = (who: Person): By => ({
    kind: who.kind,
    person: who.id,
    sign_in: who.signIn,
    claims_at_ms: writer.clock.nowMs - 1000,
  });
  const broker: By = { kind: 'broker', broker: 'broker-1' };

  const signIn = (who: Person, tamper?: Tamper): void => {
    who.signIn = `i-${writer.ulid()}`;
    who.signedInUntilMs = writer.clock.nowMs + 43_200_000;
    const body: EventBody<'countersign.person.authenticated.v1'> = {
      sign_in: who.signIn,
      person: who.id,
      issuer: 'corp',
      groups: [...who.groups],
      auth_time_ms: writer.clock.nowMs - 2000,
      acr: null,
      key_set_digest: null,
      key_thumbprint: who.key,
      expires_at_ms: who.signedInUntilMs,
    };
    const personal = { subject: 's', display_name: 'n', address: null, user_agent: null, id_token: null };
    commit(
      byOf(who),
      [draft('countersign.person.authenticated.v1', streams.signIn(who.signIn), who.id, body, personal)],
      tamper,
    );
  };

  const signOut = (who: Person): void => {
    const signedIn = who.signIn ?? '';
    const body = { sign_in: signedIn, person: who.id };
    commit(byOf(who), [draft('countersign.person.signed-out.v1', streams.signIn(signedIn), who.id, body)]);
    who.signedInUntilMs = 0;
  };

  /** Whoever acts is signed in. */
  const actor = (who: Person): By => {
    if (who.kind === 'human' && who.signedInUntilMs < writer.clock.nowMs + 600_000) signIn(who);
    return byOf(who);
  };

  /** A fresh code: waits for the next half minute when this one is spent. */
  const show = (
    who: Person,
    purpose: EventBody<'countersign.factor.used.v1'>['purpose'],
    about: string | null,
  ) => {
    let step = Math.floor(writer.clock.nowMs / 30_000);
    if (step <= who.lastStep) {
      step = who.lastStep + 1;
      writer.clock.nowMs = step * 30_000;
    }
    who.lastStep = step;
    const proof: FactorProof = { kind: 'totp', factor: who.factor, step, proved_at_ms: writer.clock.nowMs };
    const body = { person: who.id, factor: who.factor, step, purpose, about };
    return {
      proof,
      used: draft('countersign.factor.used.v1', streams.factorUse(who.factor, step), who.id, body),
    };
  };

  const enrol = (
    who: Person,
    basis: { means: 'enrolment-code' | 'factor' | 'recovery-code'; code?: string; voucher?: string | null },
    tamper?: Tamper,
  ): void => {
    const by = actor(who);
    const shown = basis.means === 'factor' ? [show(who, 'enrol', null).used] : [];
    who.factor = `f-${writer.ulid()}`;
    const fresh = show(who, 'enrol', who.factor);
    const body: EventBody<'countersign.factor.enrolled.v1'> = {
      person: who.id,
      factor: who.factor,
      factor_kind: 'totp',
      means: basis.means,
      enrolment_code: basis.code ?? null,
      voucher: basis.voucher ?? null,
      recovery_codes: 10,
    };
    const enrolled = draft('countersign.factor.enrolled.v1', streams.person(who.id), who.id, body, {
      label: null,
    });
    commit(by, [...shown, enrolled, fresh.used], tamper);
  };

  const vouch = (voucher: Person, who: Person, tamper?: Tamper): string => {
    const by = actor(voucher);
    const code = `v-${writer.ulid()}`;
    const { proof, used } = show(voucher, 'vouch', who.id);
    const body = {
      person: who.id,
      voucher: voucher.id,
      code,
      expires_at_ms: writer.clock.nowMs + 86_400_000,
      proof,
    };
    commit(by, [used, draft('countersign.factor.vouched.v1', streams.person(who.id), who.id, body)], tamper);
    return code;
  };

  const removeFactor = (who: Person, factor: string, tamper?: Tamper): void => {
    const by = actor(who);
    const { proof, used } = show(who, 'remove', factor);
    const body = { person: who.id, factor, proof };
    commit(by, [used, draft('countersign.factor.removed.v1', streams.person(who.id), who.id, body)], tamper);
  };

  const sealStatement = (value: Statement) => ({ statement: value, statement_digest: digestOf(json(value)) });
  const nonce = (): string => base64(nodeHasher.sha256(utf8(writer.ulid())));
  const signedNow = () => ({
    nonce: nonce(),
    expires_at_ms: writer.clock.nowMs + 300_000,
    log: writer.log(),
  });

  const propose = (who: Person, next: Policy, tamper?: Tamper) => {
    const text = utf8(`# written by hand\n${JSON.stringify(next)}`);
    const canonical = utf8(policyCanonicalText(next));
    const plan = planPolicy(world.policy ?? null, next);
    const body: EventBody<'countersign.policy.proposed.v1'> = {
      proposal: `o-${writer.ulid()}`,
      person: who.id,
      from_digest: world.policyDigest,
      to_digest: policyDigest(nodeHasher, next),
      text_digest: `sha256:${hex(nodeHasher.sha256(text))}`,
      text_bytes: text.length,
      canonical_bytes: canonical.length,
      plan: JSON.parse(JSON.stringify(plan)), // readonly lists become plain ones
      plan_digest: digestOf(json(plan)),
    };
    attachments.set(body.text_digest, text);
    attachments.set(body.to_digest, canonical);
    commit(actor(who), [draft('countersign.policy.proposed.v1', 'policy', body.to_digest, body)], tamper);
    return { ...body, next, signers: [] as string[] };
  };
  type Proposal = ReturnType<typeof propose>;

  const signPolicy = (
    who: Person,
    proposal: Proposal,
    how: { needs?: number; statement?: (value: Statement) => Statement; tamper?: Tamper } = {},
  ): void => {
    const by = actor(who);
    const { proof, used } = show(who, 'publish', null);
    const { proposal: id, from_digest, to_digest, plan_digest } = proposal;
    const about = { proposal: id, from_digest, to_digest, plan_digest, signer: who.id, factor: proof.factor };
    const signed = sealStatement((how.statement ?? same)({ purpose: 'publish', ...about, ...signedNow() }));
    const body = { proposal: id, signer: who.id, groups: [...who.groups], to_digest, ...signed, proof };
    const drafts: Draft[] = [used, draft('countersign.policy.signed.v1', 'policy', to_digest, body)];
    proposal.signers.push(who.id);
    if (proposal.signers.length >= (how.needs ?? 2)) {
      const published = { proposal: id, from_digest, to_digest, signers: [...proposal.signers] };
      drafts.push(draft('countersign.policy.published.v1', 'policy', to_digest, published));
      world.policy = proposal.next;
      world.policyDigest = to_digest;
    }
    commit(by, drafts, how.tamper);
  };

  const publish = (next: Policy): void => {
    const proposal = propose(people.ann, next);
    signPolicy(people.ann, proposal);
    signPolicy(people.bob, proposal);
  };

  const facts = (project: string, more: Partial<TicketFacts> = {}): TicketFacts => ({
    source: 'register',
    project,
    state: project === 'CHG' ? 'approved' : 'open',
    window:
      project === 'CHG'
        ? { from_ms: writer.clock.nowMs - 3_600_000, to_ms: writer.clock.nowMs + 14_400_000 }
        : null,
    part: project === 'CHG' ? 'assignee' : 'responder',
    vouched_by_another: true,
    fetched_at_ms: writer.clock.nowMs - 100,
    response_digest: `sha256:${'ab'.repeat(32)}`,
    ...more,
  });

  const ticketChecked = (
    request: string,
    at: 'submit' | 'review' | 'open',
    rule: ResolvedRule,
    skip = false,
  ): Draft[] =>
    rule.ticket === null || skip
      ? []
      : [
          draft(
            'countersign.ticket.checked.v1',
            streams.request(request),
            request,
            { request, at, facts: facts(rule.ticket.project) },
            { ticket: 'INC-1' },
          ),
        ];

  const ruleOf = (entitlement: string): ResolvedRule => {
    const rule = world.policy && resolveRule(world.policy, entitlement);
    if (rule === undefined) throw new Error(`the story's policy has no ${entitlement}`);
    return rule;
  };

  const approved = (request: Omit<Request, 'leaf'>): Draft => {
    request.grant = `g-${writer.ulid()}`;
    request.grantSeconds = Math.min(request.seconds, ...request.reviews.map(({ seconds }) => seconds));
    request.grantScope = request.reviews.reduce(
      (narrow, { scope }) => (scope.length < narrow.length ? scope : narrow),
      request.scope,
    );
    return draft('countersign.request.approved.v1', streams.request(request.id), request.id, {
      request: request.id,
      grant: request.grant,
      person: request.person.id,
      target: request.rule.target,
      policy_digest: world.policyDigest ?? '',
      rule_digest: request.ruleDigest,
      scope: [...request.grantScope],
      seconds: request.grantSeconds,
      activate_by_ms: writer.clock.nowMs + request.rule.waiting.activation_seconds * 1000,
    });
  };

  interface SubmitHow {
    readonly seconds?: number;
    readonly breakGlass?: boolean;
    readonly incident?: string;
    readonly body?: Partial<Submitted>;
    readonly tamper?: Tamper;
  }

  const submittedBody = (
    who: Person,
    rule: ResolvedRule,
    id: string,
    proof: FactorProof | null,
    how: SubmitHow,
  ): Submitted => {
    const nowMs = writer.clock.nowMs;
    const reviewByMs = nowMs + (rule.break_glass?.review.within_seconds ?? 0) * 1000;
    return {
      request: id,
      person: who.id,
      entitlement: rule.entitlement,
      target: rule.target,
      policy_digest: world.policyDigest ?? '',
      rule_digest: ruleDigest(nodeHasher, rule),
      scope: [...rule.scope],
      seconds: how.seconds ?? 1800,
      groups: [...who.groups],
      proof,
      key_thumbprint: who.key,
      review_by_ms: nowMs + rule.waiting.review_seconds * 1000,
      stages: (rule.review ?? []).map(({ people: count, from }) => ({ people: count, from })),
      break_glass: how.breakGlass ? { marks: ['ticket-unverified'], review_by_ms: reviewByMs } : null,
      ...how.body,
    };
  };

  const breakGlassUsed = (body: Submitted, rule: ResolvedRule, incident = 'incident-1'): Draft[] => {
    if (body.break_glass === null) return [];
    const used: EventBody<'countersign.break-glass.used.v1'> = {
      request: body.request,
      person: body.person,
      entitlement: body.entitlement,
      review_by_ms: body.break_glass.review_by_ms,
      review_from: rule.break_glass?.review.from ?? '',
      review_people: rule.break_glass?.review.people ?? 1,
      incident,
    };
    return [draft('countersign.break-glass.used.v1', streams.breakGlass(body.person), body.request, used)];
  };

  const submit = (who: Person, entitlement: string, how: SubmitHow = {}): Request => {
    const by = actor(who);
    const rule = ruleOf(entitlement);
    const id = `r-${writer.ulid()}`;
    const shown = who.kind === 'human' ? show(who, 'request', id) : null;
    const breakGlass = how.breakGlass ?? false;
    const body = submittedBody(who, rule, id, shown?.proof ?? null, how);
    const { request: named, rule_digest, scope, seconds, proof, review_by_ms: reviewByMs } = body;
    const known = {
      id: named,
      person: who,
      rule,
      ruleDigest: rule_digest,
      scope,
      seconds,
      breakGlass,
      proof,
      reviewByMs,
    };
    const grant = { grant: '', grantScope: [], grantSeconds: 0, grantEndsAtMs: null };
    const request: Omit<Request, 'leaf'> = { ...known, reviews: [], ...grant };
    const personal = { justification: 'because', ticket: 'INC-1' };
    const drafts = (how.tamper ?? honest)([
      ...ticketChecked(named, 'submit', rule, breakGlass),
      ...(shown === null ? [] : [shown.used]),
      draft('countersign.request.submitted.v1', streams.request(named), named, body, personal),
      ...breakGlassUsed(body, rule, how.incident),
      ...(rule.review === null || breakGlass ? [approved(request)] : []),
    ]);
    const leaves = writer.commit(by, drafts);
    const at = drafts.findIndex(({ type }) => type === 'countersign.request.submitted.v1');
    return Object.assign(request, { leaf: leaves[at] ?? '' });
  };

  interface ReviewHow {
    readonly verdict?: 'approve' | 'deny';
    readonly stage?: number;
    readonly scope?: readonly Permission[];
    readonly seconds?: number;
    readonly complete?: boolean;
    readonly statement?: (value: Statement) => Statement;
    readonly tamper?: Tamper;
  }

  const review = (who: Person, request: Request, how: ReviewHow = {}): void => {
    const by = actor(who);
    const {
      verdict = 'approve',
      stage = request.reviews.length,
      scope = request.scope,
      seconds = request.seconds,
    } = how;
    const ticket = ticketChecked(request.id, 'review', request.rule);
    const { proof, used } = show(who, 'review', null);
    const common = {
      verdict,
      stage,
      policy_digest: world.policyDigest ?? '',
      rule_digest: request.ruleDigest,
      scope: [...scope],
      seconds,
    };
    const value: Statement = {
      purpose: 'review',
      request: request.id,
      request_leaf: request.leaf,
      requester: request.person.id,
      ...common,
      ticket_digest: request.rule.ticket === null ? null : facts('INC').response_digest,
      reviewer: who.id,
      factor: proof.factor,
      ...signedNow(),
    };
    const signed = sealStatement((how.statement ?? same)(value));
    const body = {
      request: request.id,
      reviewer: who.id,
      groups: [...who.groups],
      ...common,
      ...signed,
      proof,
    };
    const reviewed = draft('countersign.request.reviewed.v1', streams.request(request.id), request.id, body, {
      reason: null,
    });
    if (verdict === 'approve') request.reviews.push({ stage, scope, seconds });
    const complete =
      how.complete ?? (verdict === 'approve' && request.reviews.length === request.rule.review?.length);
    commit(by, [...ticket, used, reviewed, ...(complete ? [approved(request)] : [])], how.tamper);
  };

  const parametersOf = (request: Request, session: string, endsAtMs: number) => {
    const target = request.rule.target_detail;
    const nowMs = writer.clock.nowMs;
    if (target.provider === 'aws') {
      const plan = {
        session: session as SessionId, // both are of their form by construction
        grant: request.grant as GrantId,
        person: request.person.id,
        role: request.rule.role,
        targetName: request.rule.target,
        target,
        scope: request.grantScope,
        nowMs,
        endsAtMs,
      };
      return prepareAssumeRole(plan, {
        externalIds: new Map([[target.account, 'external-id']]),
        chained: false,
      });
    }
    const exp = Math.floor(endsAtMs / 1000);
    const iat = Math.floor(nowMs / 1000);
    const parameters = claimsToParameters('key-1', {
      iss: 'https://broker.example/grants',
      aud: target.audience,
      sub: request.person.id,
      jti: writer.ulid(),
      iat,
      nbf: iat,
      exp,
      grant: request.grant,
      session,
      role: request.rule.role,
      target: request.rule.target,
      permissions: request.grantScope.map(({ action, resource }) => ({ action, resource })),
    });
    return { provider: 'token' as const, parameters, earliestEndMs: exp * 1000, endsAtMs: exp * 1000 };
  };

  interface OpenHow {
    readonly as?: Person;
    readonly fresh?: boolean;
    readonly body?: Partial<EventBody<'countersign.session.opening.v1'>>;
    readonly parameters?: (parameters: CloudParameters) => CloudParameters;
    readonly tamper?: Tamper;
  }

  const open = (request: Request, how: OpenHow = {}): Session => {
    const who = how.as ?? request.person;
    const by = actor(who);
    const id = `s-${writer.ulid()}`;
    const shown = how.fresh ? show(who, 'open', request.grant) : null;
    const nowMs = writer.clock.nowMs;
    request.grantEndsAtMs ??= nowMs + request.grantSeconds * 1000;
    const prepared = parametersOf(request, id, request.grantEndsAtMs);
    const sent: CloudParameters = JSON.parse(JSON.stringify(prepared.parameters)); // readonly lists become plain ones
    const parameters = (how.parameters ?? same)(sent);
    const body: EventBody<'countersign.session.opening.v1'> = {
      request: request.id,
      grant: request.grant,
      session: id,
      person: who.id,
      groups: [...who.groups],
      policy_digest: world.policyDigest ?? '',
      rule_digest: request.ruleDigest,
      proof: shown?.proof ?? request.proof,
      key_thumbprint: who.key,
      provider: prepared.provider,
      parameters,
      parameters_digest: digestOf(json(parameters)),
      earliest_end_ms: prepared.earliestEndMs,
      ends_at_ms: prepared.endsAtMs,
      broker: 'broker-1',
      settle_by_ms: nowMs + 60_000,
      ...how.body,
    };
    const ticket = ticketChecked(request.id, 'open', request.rule, request.breakGlass);
    const opening = draft(
      'countersign.session.opening.v1',
      streams.request(request.id),
      request.grant,
      body,
      { address: null },
    );
    commit(by, [...ticket, ...(shown === null ? [] : [shown.used]), opening], how.tamper);
    return { id: body.session, endsAtMs: body.ends_at_ms };
  };

  const onGrant = (request: Request) => ({ request: request.id, grant: request.grant });

  const opened = (
    request: Request,
    session: Session,
    more: { expires_at_ms?: number } = {},
    tamper?: Tamper,
    by: By = broker,
  ): void => {
    const body = {
      ...onGrant(request),
      session: session.id,
      cloud_session: session.id,
      provider_request: null,
      expires_at_ms: session.endsAtMs,
      packed_policy_percent: null,
      ...more,
    };
    commit(
      by,
      [draft('countersign.session.opened.v1', streams.request(request.id), request.grant, body)],
      tamper,
    );
  };

  const failed = (request: Request, session: Session, certain: boolean): void => {
    const body = {
      ...onGrant(request),
      session: session.id,
      reason: 'no',
      certain,
      settled_by: 'caller' as const,
    };
    commit(broker, [
      draft('countersign.session.failed.v1', streams.request(request.id), request.grant, body),
    ]);
    if (certain) request.grantEndsAtMs = null;
  };

  const expireGrant = (request: Request, early = false): void => {
    const due = request.grantEndsAtMs ?? writer.clock.nowMs;
    if (!early) writer.clock.nowMs = Math.max(writer.clock.nowMs, due);
    const body = { ...onGrant(request), unused: false, was_due_ms: due };
    commit(broker, [draft('countersign.grant.expired.v1', streams.request(request.id), request.grant, body)]);
  };

  const revoke = (
    who: Person,
    request: Request,
    right: 'reviewer' | 'zone-owner' | 'administrator',
  ): void => {
    const body = {
      ...onGrant(request),
      person: who.id,
      right,
      channel: 'introspection',
      groups: [...who.groups],
    };
    const entry = draft(
      'countersign.grant.revoke-requested.v1',
      streams.request(request.id),
      request.grant,
      body,
      { reason: 'r' },
    );
    commit(actor(who), [entry]);
  };

  const confirmRevoked = (request: Request): void => {
    const body = { ...onGrant(request), seen: 'introspection' as const, milliseconds_between: 300 };
    commit(broker, [
      draft('countersign.grant.revoke-confirmed.v1', streams.request(request.id), request.grant, body),
    ]);
  };

  const endGrant = (who: Person, request: Request): void => {
    const body = { ...onGrant(request), person: who.id, seconds_left: 60 };
    commit(actor(who), [
      draft('countersign.grant.ended.v1', streams.request(request.id), request.grant, body),
    ]);
  };

  const withdraw = (who: Person, request: Request): void => {
    const body = { request: request.id, person: who.id };
    commit(actor(who), [
      draft('countersign.request.withdrawn.v1', streams.request(request.id), request.id, body),
    ]);
  };

  const reviewBreakGlass = (
    who: Person,
    request: Request,
    how: { statement?: (value: Statement) => Statement; tamper?: Tamper } = {},
  ): void => {
    const by = actor(who);
    const { proof, used } = show(who, 'review-break-glass', null);
    const value: Statement = {
      purpose: 'review-break-glass',
      verdict: 'justified',
      request: request.id,
      request_leaf: request.leaf,
      requester: request.person.id,
      reviewer: who.id,
      factor: proof.factor,
      ...signedNow(),
    };
    const signed = sealStatement((how.statement ?? same)(value));
    const about = {
      request: request.id,
      person: request.person.id,
      reviewer: who.id,
      verdict: 'justified' as const,
    };
    const body = { ...about, groups: [...who.groups], ...signed, proof };
    const stands = streams.breakGlass(request.person.id);
    commit(
      by,
      [used, draft('countersign.break-glass.reviewed.v1', stands, request.id, body, { reason: null })],
      how.tamper,
    );
  };

  const begin = (tamper?: Tamper, enrolAll = true): void => {
    const codes = [people.ann, people.bob].map(({ id }) => ({
      code: `v-${writer.ulid()}`,
      person: id,
      expires_at_ms: writer.clock.nowMs + 86_400_000,
    }));
    const body: EventBody<'countersign.log.genesis.v1'> = {
      origin,
      log_key: 'log.example/countersign+00000000+AQ',
      format: 'countersign/log/v1',
      administrators: [people.ann, people.bob].map(({ id }) => ({ person: id, issuer: 'corp' })),
      publish_needs: 2,
      factor: 'totp',
      enrolment_codes: codes,
    };
    commit({ kind: 'console' }, [draft('countersign.log.genesis.v1', 'log', origin, body)], tamper);
    if (!enrolAll) return;
    for (const [at, who] of [people.ann, people.bob].entries()) {
      enrol(who, { means: 'enrolment-code', code: codes[at]?.code ?? '' });
    }
    for (const who of [people.maya, people.tomas, people.lea, people.sid]) {
      enrol(who, { means: 'enrolment-code', code: vouch(people.ann, who), voucher: people.ann.id });
    }
    publish(policy);
  };

  const expireRequest = (request: Request): void => {
    writer.clock.nowMs = Math.max(writer.clock.nowMs, request.reviewByMs);
    const body = { request: request.id, was_due_ms: request.reviewByMs };
    commit(broker, [draft('countersign.request.expired.v1', streams.request(request.id), request.id, body)]);
  };

  const erase = (entry: number, fields: readonly string[]): void => {
    const body = { entry, fields: [...fields] };
    commit(broker, [draft('countersign.text.erased.v1', streams.log, origin, body, { reason: 'asked for' })]);
  };

  return {
    ...world,
    world,
    people,
    person,
    commit,
    actor,
    broker,
    show,
    begin,
    signIn,
    signOut,
    enrol,
    vouch,
    removeFactor,
    propose,
    signPolicy,
    publish,
    facts,
    submit,
    review,
    open,
    opened,
    failed,
    expireGrant,
    revoke,
    confirmRevoked,
    endGrant,
    withdraw,
    expireRequest,
    erase,
    reviewBreakGlass,
    wait(ms: number): void {
      writer.clock.nowMs += ms;
    },
  };
}

export type Story = ReturnType<typeof buildLog>;

const same = <T>(value: T): T => value;
