import type { By } from '../../src/domain/actor.ts';
import { type Draft, draft } from '../../src/domain/draft.ts';
import type { EventBody, FactorProof, Statement, TicketFacts } from '../../src/domain/events.ts';
import { type GrantId, type SessionId, streams } from '../../src/domain/ids.ts';
import { fillScope } from '../../src/domain/policy/parameters.ts';
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
import { auditedPolicy } from './audited-policy.ts';
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
  /** How long before they act their groups were told. */
  claimsAgeMs: number;
}

export interface Grant {
  readonly id: string;
  readonly person: Person;
  readonly target: string;
  endsAtMs: number | null;
  /** When it was ended, revoked or cut off. */
  overAtMs: number;
}

export interface Request {
  readonly id: string;
  readonly person: Person;
  readonly people: readonly Person[];
  readonly targets: readonly string[];
  readonly startMs: number | null;
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
  /** One for each person on each target, in that order. */
  grants: Grant[];
  grantScope: readonly Permission[];
  grantSeconds: number;
  activateByMs: number;
}

export interface Session {
  readonly id: string;
  readonly grant: Grant;
  readonly endsAtMs: number;
}

type CloudParameters = EventBody<'countersign.session.opening.v1'>['parameters'];
type Submitted = EventBody<'countersign.request.submitted.v1'>;
type Mark = NonNullable<Submitted['break_glass']>['marks'][number];
type Reviewed = EventBody<'countersign.request.reviewed.v1'>;

const digestOf = (value: Json): string => `sha256:${hex(nodeHasher.sha256(utf8(canonicalize(value))))}`;
const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)); // interfaces are no Json to the compiler
const honest: Tamper = (drafts) => drafts;
const downBy = {
  'ticket-unverified': 'ticket',
  unwitnessed: 'witness',
  'membership-cached': 'identity-provider',
} as const;

/** Writes honest stories; each step can be told to do otherwise, as somebody with the log's key could. */
export function buildLog(sink: (written: Written) => void, policy: Policy = auditedPolicy) {
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
    claimsAgeMs: 1000,
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
    claims_at_ms: writer.clock.nowMs - who.claimsAgeMs,
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
      way: 'command-line',
      may: 'everything',
      proof: null,
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
    const body = { sign_in: signedIn, person: who.id, cause: 'person' } as const;
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
    const body = { person: who.id, factor: who.factor, step, nonce: null, counter: null, purpose, about };
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
    const shown = basis.means === 'factor' ? [show(who, 'enrol', null)] : [];
    who.factor = `f-${writer.ulid()}`;
    const fresh = show(who, 'enrol', who.factor);
    const body: EventBody<'countersign.factor.enrolled.v1'> = {
      person: who.id,
      factor: who.factor,
      factor_kind: 'totp',
      passkey: null,
      means: basis.means,
      enrolment_code: basis.code ?? null,
      voucher: basis.voucher ?? null,
      recovery_codes: 10,
      proof: shown[0]?.proof ?? null,
    };
    const enrolled = draft('countersign.factor.enrolled.v1', streams.person(who.id), who.id, body, {
      label: null,
    });
    commit(by, [...shown.map((older) => spentFor(older, who.factor)), enrolled, fresh.used], tamper);
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

  /** What a code was spent for, once the statement is made that names the factor. */
  const spentFor = <T extends ReturnType<typeof show>>(shown: T, about: string): T['used'] => ({
    ...shown.used,
    body: { ...shown.used.body, about },
  });
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
    const shown = show(who, 'publish', null);
    const { proof } = shown;
    const { proposal: id, from_digest, to_digest, plan_digest } = proposal;
    const about = { proposal: id, from_digest, to_digest, plan_digest, signer: who.id, factor: proof.factor };
    const signed = sealStatement((how.statement ?? same)({ purpose: 'publish', ...about, ...signedNow() }));
    const body = { proposal: id, signer: who.id, groups: [...who.groups], to_digest, ...signed, proof };
    const used = spentFor(shown, signed.statement_digest);
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
    at: 'submit' | 'review' | 'open' | 'sweep',
    rule: ResolvedRule,
    whose: readonly Person[],
    more: Partial<TicketFacts> = {},
  ): Draft[] => {
    const { ticket } = rule;
    if (ticket === null) return [];
    return whose.map((who) => {
      const body = { request, person: who.id, at, facts: facts(ticket.project, more) };
      return draft('countersign.ticket.checked.v1', streams.request(request), request, body, {
        ticket: 'INC-1',
      });
    });
  };

  const ruleOf = (entitlement: string): ResolvedRule => {
    const rule = world.policy && resolveRule(world.policy, entitlement);
    if (rule === undefined) throw new Error(`the story's policy has no ${entitlement}`);
    return rule;
  };

  const approved = (request: Omit<Request, 'leaf'>): Draft[] => {
    const nowMs = writer.clock.nowMs;
    const startsAtMs = request.startMs !== null && request.startMs > nowMs ? request.startMs : null;
    request.activateByMs = (startsAtMs ?? nowMs) + request.rule.waiting.activation_seconds * 1000;
    request.grantSeconds = Math.min(request.seconds, ...request.reviews.map(({ seconds }) => seconds));
    request.grantScope = request.reviews.reduce(
      (narrow, { scope }) => (scope.length < narrow.length ? scope : narrow),
      request.scope,
    );
    request.grants = request.people.flatMap((who) =>
      request.targets.map((target) => ({
        id: `g-${writer.ulid()}`,
        person: who,
        target,
        endsAtMs: null,
        overAtMs: 0,
      })),
    );
    return request.grants.map((grant) =>
      draft('countersign.request.approved.v1', streams.request(request.id), request.id, {
        request: request.id,
        grant: grant.id,
        person: grant.person.id,
        target: grant.target,
        policy_digest: world.policyDigest ?? '',
        rule_digest: request.ruleDigest,
        scope: [...request.grantScope],
        seconds: request.grantSeconds,
        starts_at_ms: startsAtMs,
        activate_by_ms: request.activateByMs,
      }),
    );
  };

  interface SubmitHow {
    readonly seconds?: number;
    readonly breakGlass?: boolean;
    readonly incident?: string;
    readonly people?: readonly Person[];
    readonly targets?: readonly string[];
    readonly parameters?: Readonly<Record<string, string>>;
    readonly startMs?: number;
    readonly extending?: { readonly request: Request; readonly grant: Grant };
    readonly marks?: readonly Mark[];
    readonly body?: Partial<Submitted>;
    readonly tamper?: Tamper;
  }

  const targetsOf = (rule: ResolvedRule, how: SubmitHow): readonly string[] =>
    how.targets ?? Object.keys(rule.targets).slice(0, 1);

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
      people: (how.people ?? [who]).map((one) => one.id),
      targets: [...targetsOf(rule, how)],
      policy_digest: world.policyDigest ?? '',
      rule_digest: ruleDigest(nodeHasher, rule),
      parameters: { ...how.parameters },
      scope: [...fillScope(rule.scope, how.parameters ?? {})],
      seconds: how.seconds ?? 1800,
      start_ms: how.extending?.grant.endsAtMs ?? how.startMs ?? null,
      extends:
        how.extending === undefined
          ? null
          : { request: how.extending.request.id, grant: how.extending.grant.id },
      groups: [...who.groups],
      proof,
      key_thumbprint: who.key,
      review_by_ms: nowMs + rule.waiting.review_seconds * 1000,
      stages: (rule.review ?? []).map(({ people: count, from, escalate }) => ({
        people: count,
        from,
        escalate: escalate ?? null,
      })),
      break_glass: how.breakGlass
        ? { marks: [...(how.marks ?? ['ticket-unverified'])], review_by_ms: reviewByMs }
        : null,
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
      down: body.break_glass.marks.map((mark) => ({ what: downBy[mark], seen: 'it did not answer' })),
      zone: rule.zone,
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
    const { request: named, rule_digest, scope, seconds, proof, review_by_ms, start_ms } = body;
    const request: Omit<Request, 'leaf'> = {
      id: named,
      person: who,
      people: how.people ?? [who],
      targets: targetsOf(rule, how),
      startMs: start_ms,
      rule,
      ruleDigest: rule_digest,
      scope,
      seconds,
      breakGlass,
      proof,
      reviewByMs: review_by_ms,
      reviews: [],
      grants: [],
      grantScope: [],
      grantSeconds: 0,
      activateByMs: 0,
    };
    const personal = { justification: 'because', ticket: 'INC-1' };
    const drafts = (how.tamper ?? honest)([
      ...(breakGlass ? [] : ticketChecked(named, 'submit', rule, request.people)),
      ...(shown === null ? [] : [shown.used]),
      draft('countersign.request.submitted.v1', streams.request(named), named, body, personal),
      ...breakGlassUsed(body, rule, how.incident),
      ...(rule.review === null || breakGlass ? approved(request) : []),
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
    readonly right?: Reviewed['right'];
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
    const ticket = ticketChecked(request.id, 'review', request.rule, request.people);
    const shown = show(who, 'review', null);
    const { proof } = shown;
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
      people: request.people.map(({ id }) => id),
      targets: [...request.targets],
      start_ms: request.startMs,
      ticket_digest: request.rule.ticket === null ? null : facts('INC').response_digest,
      reviewer: who.id,
      factor: proof.factor,
      ...signedNow(),
    };
    const signed = sealStatement((how.statement ?? same)(value));
    const body = {
      request: request.id,
      reviewer: who.id,
      right: how.right ?? 'stage',
      groups: [...who.groups],
      ...common,
      ...signed,
      proof,
    };
    const used = spentFor(shown, signed.statement_digest);
    const reviewed = draft('countersign.request.reviewed.v1', streams.request(request.id), request.id, body, {
      reason: null,
    });
    if (verdict === 'approve') request.reviews.push({ stage, scope, seconds });
    const complete =
      how.complete ?? (verdict === 'approve' && request.reviews.length === request.rule.review?.length);
    commit(by, [...ticket, used, reviewed, ...(complete ? approved(request) : [])], how.tamper);
  };

  const parametersOf = (request: Request, grant: Grant, session: string, endsAtMs: number) => {
    const target = request.rule.targets[grant.target];
    if (target === undefined) throw new Error(`the rule has no target ${grant.target}`);
    const nowMs = writer.clock.nowMs;
    if (target.provider === 'aws') {
      const plan = {
        session: session as SessionId, // both are of their form by construction
        grant: grant.id as GrantId,
        person: grant.person.id,
        role: request.rule.role,
        targetName: grant.target,
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
      sub: grant.person.id,
      jti: writer.ulid(),
      iat,
      nbf: iat,
      exp,
      grant: grant.id,
      session,
      role: request.rule.role,
      target: grant.target,
      permissions: request.grantScope.map(({ action, resource }) => ({ action, resource })),
    });
    return { provider: 'token' as const, parameters, earliestEndMs: exp * 1000, endsAtMs: exp * 1000 };
  };

  interface OpenHow {
    readonly as?: Person;
    readonly grant?: Grant;
    readonly fresh?: boolean;
    readonly body?: Partial<EventBody<'countersign.session.opening.v1'>>;
    readonly parameters?: (parameters: CloudParameters) => CloudParameters;
    readonly tamper?: Tamper;
  }

  const open = (request: Request, how: OpenHow = {}): Session => {
    const grant = how.grant ?? firstOf(request);
    const who = how.as ?? grant.person;
    const by = actor(who);
    const id = `s-${writer.ulid()}`;
    const shown = how.fresh ? show(who, 'open', grant.id) : null;
    const nowMs = writer.clock.nowMs;
    grant.endsAtMs ??= nowMs - (nowMs % 1000) + request.grantSeconds * 1000;
    const prepared = parametersOf(request, grant, id, grant.endsAtMs);
    const sent: CloudParameters = JSON.parse(JSON.stringify(prepared.parameters)); // readonly lists become plain ones
    const parameters = (how.parameters ?? same)(sent);
    const body: EventBody<'countersign.session.opening.v1'> = {
      ...onGrant(request, grant),
      session: id,
      person: who.id,
      target: grant.target,
      groups: [...who.groups],
      policy_digest: world.policyDigest ?? '',
      rule_digest: request.ruleDigest,
      proof: shown?.proof ?? request.proof,
      key_thumbprint: who.key,
      cosigned_size: null,
      provider: prepared.provider,
      parameters,
      parameters_digest: digestOf(json(parameters)),
      earliest_end_ms: prepared.earliestEndMs,
      ends_at_ms: prepared.endsAtMs,
      broker: 'broker-1',
      settle_by_ms: nowMs + 60_000,
      ...how.body,
    };
    const ticket = request.breakGlass ? [] : ticketChecked(request.id, 'open', request.rule, [who]);
    const opening = draft('countersign.session.opening.v1', streams.request(request.id), grant.id, body, {
      address: null,
    });
    commit(by, [...ticket, ...(shown === null ? [] : [shown.used]), opening], how.tamper);
    return { id: body.session, grant, endsAtMs: body.ends_at_ms };
  };

  /** Stories of one grant need not name it. */
  const firstOf = (request: Request): Grant => {
    const [grant] = request.grants;
    if (grant === undefined) throw new Error('the request was not approved');
    return grant;
  };

  const onGrant = (request: Request, grant: Grant) => ({ request: request.id, grant: grant.id });

  const opened = (
    request: Request,
    session: Session,
    more: { expires_at_ms?: number } = {},
    tamper?: Tamper,
    by: By = broker,
  ): void => {
    const body = {
      ...onGrant(request, session.grant),
      session: session.id,
      cloud_session: session.id,
      provider_request: null,
      expires_at_ms: session.endsAtMs,
      packed_policy_percent: null,
      ...more,
    };
    const stands = streams.request(request.id);
    commit(by, [draft('countersign.session.opened.v1', stands, session.grant.id, body)], tamper);
  };

  const failed = (
    request: Request,
    session: Session,
    certain: boolean,
    how: { readonly by?: By; readonly tamper?: Tamper } = {},
  ): void => {
    const body = {
      ...onGrant(request, session.grant),
      session: session.id,
      reason: 'no',
      certain,
      settled_by: 'caller' as const,
    };
    const stands = streams.request(request.id);
    const entry = draft('countersign.session.failed.v1', stands, session.grant.id, body);
    commit(how.by ?? broker, [entry], how.tamper);
    if (certain) session.grant.endsAtMs = null;
  };

  /** What ends one grant: by default the first. */
  interface EndHow {
    readonly grant?: Grant;
    readonly tamper?: Tamper;
  }

  const expireGrant = (request: Request, early = false, how: EndHow = {}): void => {
    const grant = how.grant ?? firstOf(request);
    const due = grant.endsAtMs ?? request.activateByMs;
    if (!early) writer.clock.nowMs = Math.max(writer.clock.nowMs, due);
    const body = { ...onGrant(request, grant), unused: grant.endsAtMs === null, was_due_ms: due };
    const stands = streams.request(request.id);
    commit(broker, [draft('countersign.grant.expired.v1', stands, grant.id, body)], how.tamper);
  };

  const revoke = (
    who: Person,
    request: Request,
    right: 'reviewer' | 'zone-owner' | 'administrator',
    how: EndHow = {},
  ): void => {
    const grant = how.grant ?? firstOf(request);
    const by = actor(who);
    grant.overAtMs = writer.clock.nowMs;
    const body = {
      ...onGrant(request, grant),
      person: who.id,
      right,
      channel: 'introspection',
      groups: [...who.groups],
    };
    const stands = streams.request(request.id);
    const entry = draft('countersign.grant.revoke-requested.v1', stands, grant.id, body, { reason: 'r' });
    commit(by, [entry], how.tamper);
  };

  type Cause = Pick<EventBody<'countersign.grant.cut-off.v1'>, 'cause' | 'about'>;

  const cutOff = (request: Request, { cause, about }: Cause, how: EndHow = {}): void => {
    const grant = how.grant ?? firstOf(request);
    grant.overAtMs = writer.clock.nowMs;
    const body = { ...onGrant(request, grant), cause, about, channel: 'introspection' };
    const ticket =
      cause === 'ticket-closed'
        ? ticketChecked(request.id, 'sweep', request.rule, [grant.person], { state: 'closed' })
        : [];
    const stands = streams.request(request.id);
    commit(broker, [...ticket, draft('countersign.grant.cut-off.v1', stands, grant.id, body)], how.tamper);
  };

  const confirmRevoked = (
    request: Request,
    seen: EventBody<'countersign.grant.revoke-confirmed.v1'>['seen'] = 'introspection',
    how: EndHow = {},
  ): void => {
    const grant = how.grant ?? firstOf(request);
    const between = Math.max(0, writer.clock.nowMs - grant.overAtMs);
    const body = { ...onGrant(request, grant), seen, milliseconds_between: between };
    const stands = streams.request(request.id);
    commit(broker, [draft('countersign.grant.revoke-confirmed.v1', stands, grant.id, body)], how.tamper);
  };

  const endGrant = (who: Person, request: Request, how: EndHow = {}): void => {
    const grant = how.grant ?? firstOf(request);
    const by = actor(who);
    grant.overAtMs = writer.clock.nowMs;
    const seconds_left =
      grant.endsAtMs === null
        ? request.grantSeconds
        : Math.max(0, Math.floor((grant.endsAtMs - writer.clock.nowMs) / 1000));
    const body = { ...onGrant(request, grant), person: who.id, seconds_left };
    commit(
      by,
      [draft('countersign.grant.ended.v1', streams.request(request.id), grant.id, body)],
      how.tamper,
    );
  };

  const cancel = (request: Request, who: Person, tamper?: Tamper): void => {
    const body = { request: request.id, cause: 'person-left' as const, about: who.id };
    const stands = streams.request(request.id);
    commit(broker, [draft('countersign.request.cancelled.v1', stands, request.id, body)], tamper);
  };

  const recordLeaving = (by: Person, who: Person, hasLeft = true, tamper?: Tamper): void => {
    const acting = actor(by);
    const { proof, used } = show(by, 'record-leaving', who.id);
    const body = { person: who.id, recorded_by: by.id, groups: [...by.groups], proof };
    const type = hasLeft ? 'countersign.person.left.v1' : 'countersign.person.returned.v1';
    commit(acting, [used, draft(type, streams.person(who.id), who.id, body, { reason: 'r' })], tamper);
  };

  const askReset = (by: Person, who: Person, tamper?: Tamper): string => {
    const acting = actor(by);
    const { proof, used } = show(by, 'reset', who.id);
    const reset = `x-${writer.ulid()}`;
    const expires_at_ms = writer.clock.nowMs + 86_400_000;
    const body = {
      person: who.id,
      reset,
      requested_by: by.id,
      groups: [...by.groups],
      expires_at_ms,
      proof,
    };
    const stands = streams.person(who.id);
    const asked = draft('countersign.factor.reset-requested.v1', stands, who.id, body, { reason: 'r' });
    commit(acting, [used, asked], tamper);
    return reset;
  };

  const confirmReset = (by: Person, who: Person, reset: string, askedBy: Person, tamper?: Tamper): void => {
    const acting = actor(by);
    const { proof, used } = show(by, 'reset', who.id);
    const body = {
      person: who.id,
      reset,
      requested_by: askedBy.id,
      confirmed_by: by.id,
      groups: [...by.groups],
      factors: [who.factor],
      proof,
    };
    const confirmed = draft('countersign.factor.reset.v1', streams.person(who.id), who.id, body);
    commit(acting, [used, confirmed], tamper);
    who.factor = '';
  };

  const vouchRecovery = (voucher: Person, who: Person, tamper?: Tamper): void => {
    const by = actor(voucher);
    const { proof, used } = show(voucher, 'vouch', who.id);
    const body = { person: who.id, voucher: voucher.id, factor: who.factor, proof };
    const stands = streams.person(who.id);
    commit(by, [used, draft('countersign.factor.recovery-vouched.v1', stands, who.id, body)], tamper);
  };

  const refuse = (who: Person, body: Partial<EventBody<'countersign.command.refused.v1'>>): void => {
    const by = actor(who);
    const whole = {
      person: who.id,
      attempted: 'submit' as const,
      rule: '',
      about: null,
      asked: null,
      ...body,
    };
    const stands = streams.refusals(who.id, Math.floor(writer.clock.nowMs / 3_600_000));
    commit(by, [draft('countersign.command.refused.v1', stands, who.id, whole)]);
  };

  /** What a refused ask would have been. */
  const askOf = (
    who: Person,
    entitlement: string,
    more: Partial<NonNullable<EventBody<'countersign.command.refused.v1'>['asked']>> = {},
  ) => {
    const rule = ruleOf(entitlement);
    return {
      entitlement,
      policy_digest: world.policyDigest ?? '',
      rule_digest: ruleDigest(nodeHasher, rule),
      people: [who.id],
      targets: Object.keys(rule.targets).slice(0, 1),
      scope: [...rule.scope],
      seconds: 1800,
      start_ms: null,
      groups: [...who.groups],
      break_glass: false,
      ...more,
    };
  };

  const notify = (
    about: number,
    body: Partial<EventBody<'countersign.notification.sent.v1'>> = {},
    tamper?: Tamper,
  ): void => {
    const whole: EventBody<'countersign.notification.sent.v1'> = {
      about,
      occasion: 'review-wanted',
      matter: `r-${writer.ulid()}`,
      audience: 'reviewers',
      group: 'leads',
      channel: 'email',
      delivered: true,
      attempts: 1,
      failure: null,
      ...body,
    };
    const stands = streams.notifications(whole.matter);
    commit(broker, [draft('countersign.notification.sent.v1', stands, whole.matter, whole)], tamper);
  };

  const writeTicket = (
    who: Person,
    body: Partial<EventBody<'countersign.ticket.written.v1'>> = {},
    tamper?: Tamper,
  ): void => {
    const by = actor(who);
    const whole: EventBody<'countersign.ticket.written.v1'> = {
      source: 'register',
      project: 'INC',
      state: 'open',
      creator: who.id,
      responders: [{ person: people.maya.id, named_by: who.id }],
      assignee: null,
      approved_by: null,
      window: null,
      ...body,
    };
    const stands = streams.ticket(whole.source, 'x');
    const personal = { ticket: 'INC-1', title: 'Orders are stuck' };
    commit(by, [draft('countersign.ticket.written.v1', stands, whole.source, whole, personal)], tamper);
  };

  const giveWrongCode = (who: Person, failures: number): void => {
    const by = actor(who);
    const stands = streams.attempts(who.id, Math.floor(writer.clock.nowMs / 900_000));
    const body = { person: who.id, purpose: 'request', failures };
    commit(by, [draft('countersign.factor.failed.v1', stands, who.id, body)]);
  };

  const configure = (tamper?: Tamper): void => {
    const configuration = { origin, listen: '127.0.0.1:0' };
    const body = { broker: 'broker-1', configuration, digest: digestOf(configuration) };
    commit(broker, [draft('countersign.server.configured.v1', streams.log, 'broker-1', body)], tamper);
  };

  const withdraw = (who: Person, request: Request): void => {
    const body = { request: request.id, person: who.id };
    commit(actor(who), [
      draft('countersign.request.withdrawn.v1', streams.request(request.id), request.id, body),
    ]);
  };

  const nudge = (
    who: Person,
    request: Request,
    more: Partial<EventBody<'countersign.request.nudged.v1'>> = {},
  ): void => {
    const about = { request: request.id, person: who.id, stage: 0, policy_digest: world.policyDigest ?? '' };
    const body = { ...about, hear: ['leads', 'deputies'], channels: ['email' as const], ...more };
    commit(actor(who), [
      draft('countersign.request.nudged.v1', streams.request(request.id), request.id, body),
    ]);
  };

  const reviewBreakGlass = (
    who: Person,
    request: Request,
    how: { statement?: (value: Statement) => Statement; tamper?: Tamper } = {},
  ): void => {
    const by = actor(who);
    const shown = show(who, 'review-break-glass', null);
    const { proof } = shown;
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
    const used = spentFor(shown, signed.statement_digest);
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
    cutOff,
    cancel,
    recordLeaving,
    askReset,
    confirmReset,
    vouchRecovery,
    refuse,
    askOf,
    notify,
    configure,
    writeTicket,
    giveWrongCode,
    ruleOf,
    endGrant,
    withdraw,
    nudge,
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
