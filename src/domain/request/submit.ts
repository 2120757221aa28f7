import { type Draft, draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { FactorProof, StoredData } from '../events.ts';
import { type GrantId, type RequestId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { type FactorStates, type Shown, spendFactor } from '../person/show-factor.ts';
import type { FactorKind, Permission, ResolvedRule } from '../policy/policy.ts';
import { type RefusalsState, type RefusedAsk, refuse } from '../refusal.ts';
import { firstBroken } from '../rule.ts';
import { approvedDrafts } from './approve.ts';
import { submittingRules } from './rules/submitting.ts';
import { type SubmitContext, startAsked, targetsAsked } from './submit-context.ts';
import { ticketCheckedDrafts } from './ticket-checked.ts';

export interface SubmitInput extends SubmitContext {
  readonly request: RequestId;
  /** Fresh ids, as many as it may become grants. */
  readonly grants: readonly GrantId[];
  readonly policyDigest: string;
  readonly ruleDigest: string;
  /** Of all that is asked for, as a passkey signs it. */
  readonly askDigest: string;
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
}

/** Somebody asks. Yields the request, and its grants too where the policy asks for no review beforehand. */
export function decideSubmit(input: SubmitInput, rules = submittingRules): Judgement {
  const ticketMayBeDown =
    input.asked.breakGlass && (input.rule?.break_glass?.without.includes('ticket') ?? false);
  const usedAtMs = Math.max(input.nowMs, startAsked(input) ?? 0);
  const isEmergency = input.asked.breakGlass;
  const broken = firstBroken(rules, { ...input, ticketMayBeDown, isEmergency, usedAtMs });
  const { rule, scope } = input;
  if (broken !== undefined || rule === undefined || scope === undefined) {
    return refuse(
      // What was typed is anybody's text; only a name that the policy knows may stand in the log.
      { ...input, attempted: 'submit', about: rule?.entitlement ?? null, refusedAsk: refusedAsk(input) },
      broken ?? { rule: 'entitlement-exists', because: 'There is no such entitlement.' },
    );
  }
  const factor = proveForRequest(input, rule);
  if ('refused' in factor) return factor.refused;
  const events = [
    ...ticketCheckedDrafts(input.request, 'submit', input.tickets),
    ...factor.events,
    submittedDraft(input, rule, scope, factor.proof),
    ...breakGlassDraft(input, rule),
    ...(rule.review === null || input.asked.breakGlass ? approvedAtOnce(input, rule, scope) : []),
  ];
  return { events };
}

/** Enough to see afterwards that it was refused rightly, and nothing that anybody may type. */
function refusedAsk(input: SubmitInput): RefusedAsk {
  const { rule, asked, actor } = input;
  if (rule === undefined) return null;
  return {
    entitlement: rule.entitlement,
    policy_digest: input.policyDigest,
    rule_digest: input.ruleDigest,
    people: input.tickets.map(({ person }) => person).slice(0, 20),
    targets: targetsAsked(input)
      .filter((target) => Object.hasOwn(rule.targets, target))
      .slice(0, 20),
    scope: input.scope === undefined ? null : [...input.scope],
    seconds: asked.seconds,
    start_ms: asked.startMs,
    groups: actor.workload === null ? [...input.groups] : [actor.workload],
    break_glass: asked.breakGlass,
  };
}

const approvedAtOnce = (
  input: SubmitInput,
  rule: ResolvedRule,
  scope: readonly Permission[],
): readonly Draft[] =>
  approvedDrafts({
    ...input,
    people: input.tickets.map(({ person }) => person),
    targets: targetsAsked(input),
    rule,
    scope,
    seconds: input.asked.seconds,
    startMs: startAsked(input),
  });

/** A workload has no factor: its own short-lived token is its proof, and a human signs off. */
function proveForRequest(
  input: SubmitInput,
  rule: ResolvedRule,
):
  | { readonly proof: FactorProof | null; readonly events: readonly Draft[] }
  | { readonly refused: Judgement } {
  const { actor, shown, factorStates, nowMs } = input;
  if (actor.kind === 'workload' || rule.factors.request === 'none') return { proof: null, events: [] };
  if (shown.kind === 'nothing') {
    const refusal = stepUpNeeded('asking for this is signed with one', rule.factors.request);
    return { refused: { events: [], refusal } };
  }
  const spent = spendFactor({
    actor,
    shown,
    states: factorStates,
    purpose: 'request',
    about: input.request,
    signable: { act: { purpose: 'request', about: rule.entitlement, digest: input.askDigest } },
    nowMs,
  });
  return 'refused' in spent ? spent : { proof: spent.proof, events: [spent.spent] };
}

/** @param demanded by the policy in force; undefined: any factor */
export const stepUpNeeded = (because: string, demanded?: FactorKind) =>
  demanded === 'passkey'
    ? new Failure('step-up-needed', `A passkey is needed: ${because}.`, {
        rule: 'factor-is-strong-enough',
        mend: 'Sign in the browser. No passkey yet? Enrol one there, under your factors.',
      })
    : new Failure('step-up-needed', `A second factor is needed: ${because}.`, {
        rule: 'factor-is-proved',
        mend: 'Send it as `totp`. No factor yet? `countersign factor enrol`.',
      });

function submittedDraft(
  input: SubmitInput,
  rule: ResolvedRule,
  scope: readonly Permission[],
  proof: FactorProof | null,
): Draft {
  const { actor, asked, nowMs } = input;
  const emergency = asked.breakGlass ? rule.break_glass : null;
  return draft(
    'countersign.request.submitted.v1',
    streams.request(input.request),
    input.request,
    {
      request: input.request,
      person: actor.person,
      entitlement: rule.entitlement,
      people: input.tickets.map(({ person }) => person),
      targets: [...targetsAsked(input)],
      policy_digest: input.policyDigest,
      rule_digest: input.ruleDigest,
      parameters: { ...asked.parameters },
      scope: [...scope],
      seconds: asked.seconds,
      start_ms: startAsked(input),
      extends: extendsOf(input),
      groups: actor.workload === null ? [...input.groups] : [actor.workload],
      proof,
      key_thumbprint: actor.keyThumbprint,
      review_by_ms: nowMs + rule.waiting.review_seconds * 1000,
      stages: (rule.review ?? []).map(({ people, from, escalate }) => ({
        people,
        from,
        escalate: escalate === undefined ? null : { ...escalate },
      })),
      break_glass:
        emergency === null
          ? null
          : { marks: breakGlassMarks(input), review_by_ms: nowMs + emergency.review.within_seconds * 1000 },
    },
    { justification: asked.justification, ticket: asked.ticket },
  );
}

function extendsOf({ extended }: SubmitInput) {
  const request = extended?.state.request ?? null;
  return extended === undefined || request === null ? null : { request, grant: extended.grant.grant };
}

type Emergency = StoredData<'countersign.break-glass.used.v1'>;
type Mark = NonNullable<StoredData<'countersign.request.submitted.v1'>['break_glass']>['marks'][number];

/**
 * What the emergency went without, so that nobody takes it for the ordinary way. No policy can demand a witness yet, so
 * none is missed: `unwitnessed` would set emergencies apart by something that everything else lacks as well.
 */
function breakGlassMarks(input: SubmitInput): Mark[] {
  const { tickets, rule, actor } = input;
  const verified = tickets.every(({ check }) => check.kind === 'found' && check.facts.vouched_by_another);
  return [
    ...(rule?.ticket == null || verified ? [] : (['ticket-unverified'] as const)),
    ...(actor.membership === 'cached' ? (['membership-cached'] as const) : []),
  ];
}

/** How each outage was seen: an emergency may be the very aim of whoever made the outage. */
function whatWasDown({ tickets, actor }: SubmitInput): Emergency['down'] {
  const outage = tickets.find(({ check }) => check.kind === 'unavailable')?.check;
  const claimsAt = new Date(actor.claimsAtMs).toISOString();
  return [
    ...(outage?.kind === 'unavailable'
      ? [{ what: 'ticket' as const, seen: outage.because.slice(0, 300).toWellFormed() || 'no answer' }]
      : []),
    ...(actor.membership === 'cached'
      ? [{ what: 'identity-provider' as const, seen: `groups could not be asked for; last told ${claimsAt}` }]
      : []),
  ];
}

function breakGlassDraft(input: SubmitInput, rule: ResolvedRule): readonly Draft[] {
  const emergency = input.asked.breakGlass ? rule.break_glass : null;
  if (emergency === null) return [];
  const entry = draft(
    'countersign.break-glass.used.v1',
    streams.breakGlass(input.actor.person),
    input.request,
    {
      request: input.request,
      person: input.actor.person,
      entitlement: rule.entitlement,
      review_by_ms: input.nowMs + emergency.review.within_seconds * 1000,
      review_from: emergency.review.from,
      review_people: emergency.review.people,
      incident: input.incident ?? input.request,
      down: whatWasDown(input),
      zone: rule.zone,
    },
  );
  return [entry];
}
