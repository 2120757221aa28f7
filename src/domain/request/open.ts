import { type Draft, draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import type { FactorProof } from '../events.ts';
import { type SessionId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { type FactorStates, type Shown, spendFactor } from '../person/show-factor.ts';
import { QUARTER_MS } from '../person/state.ts';
import type { ResolvedRule } from '../policy/policy.ts';
import { type RefusalsState, refuse } from '../refusal.ts';
import { firstBroken, type Rule } from '../rule.ts';
import { grantEndMs } from './grant-end.ts';
import type { OpenContext, Prepared } from './open-context.ts';
import { openingRules } from './rules/opening.ts';
import { sessionFitsTheProvider } from './rules/session-fits-the-provider.ts';
import type { GrantState, RequestState } from './state.ts';
import { stepUpNeeded } from './submit.ts';
import { ticketCheckedDrafts } from './ticket-checked.ts';

/** A factor shown for the request serves its opening this long, for the same key: `exec` asks once. */
export const PROOF_SERVES_MS = QUARTER_MS;
/** An opening that nobody settled by then is settled by whoever comes by. */
export const SETTLE_WITHIN_MS = 60_000;

export interface OpenInput extends OpenContext {
  readonly session: SessionId;
  readonly policyDigest: string;
  readonly broker: string;
  readonly shown: Shown;
  readonly factorStates: FactorStates;
  readonly refusals: RefusalsState;
  /** The provider's exact words for this session, ending no later than `endsAtMs`; throws Failure when it has none. */
  readonly prepare: (grant: GrantState, endsAtMs: number) => Prepared;
}

/** On what the provider would send, once everything else is settled. */
export const sendingRules: readonly Rule<{
  readonly grant: GrantState;
  readonly prepared: Prepared;
  readonly endsAtMs: number;
}>[] = [sessionFitsTheProvider];

/** The holder opens a session: the intent, durable before any cloud is called. */
export function decideOpen(input: OpenInput, rules = openingRules, onSending = sendingRules): Judgement {
  const { actor, state, grant, rule, nowMs } = input;
  const broken = firstBroken(rules, {
    ...input,
    ticketMayBeDown: wentWithoutTicket(state, rule),
    isEmergency: state.breakGlass?.marks.includes('membership-cached') ?? false,
    usedAtMs: nowMs,
  });
  if (broken !== undefined || rule === undefined || state.request === null) {
    return refuse(
      { ...input, attempted: 'open', about: grant.grant },
      broken ?? { rule: 'entitlement-still-allows-the-grant', because: 'The entitlement is gone.' },
    );
  }
  if (isOpeningNow(grant, nowMs)) {
    return {
      events: [],
      refusal: new Failure('conflict', 'Another opening of this grant is under way; try again in a moment.'),
    };
  }
  const proved = proveForOpening(input, rule);
  if ('refused' in proved) return proved.refused;
  const endsAtMs = grant.endsAtMs ?? grantEndMs(nowMs, grant.seconds);
  const prepared = input.prepare(grant, endsAtMs);
  const unlike = firstBroken(onSending, { grant, prepared, endsAtMs });
  if (unlike !== undefined) return refuse({ ...input, attempted: 'open', about: grant.grant }, unlike);
  const opening = draft(
    'countersign.session.opening.v1',
    streams.request(state.request),
    grant.grant,
    {
      request: state.request,
      grant: grant.grant,
      session: input.session,
      person: actor.person,
      target: grant.target,
      groups: actor.workload === null ? [...input.groups] : [actor.workload],
      policy_digest: input.policyDigest,
      rule_digest: grant.ruleDigest,
      proof: proved.proof,
      key_thumbprint: actor.keyThumbprint,
      // No policy can ask for a witness yet.
      cosigned_size: null,
      provider: prepared.provider,
      parameters: prepared.parameters,
      parameters_digest: prepared.parametersDigest,
      earliest_end_ms: prepared.earliestEndMs,
      ends_at_ms: prepared.endsAtMs,
      broker: input.broker,
      settle_by_ms: nowMs + SETTLE_WITHIN_MS,
    },
    { address: actor.address },
  );
  return {
    events: [...ticketCheckedDrafts(state.request, 'open', input.tickets), ...proved.events, opening],
  };
}

/** Only an emergency that was marked so from its beginning: what is not marked is not missing its ticket either. */
const wentWithoutTicket = (state: RequestState, rule: ResolvedRule | undefined): boolean =>
  (state.breakGlass?.marks.includes('ticket-unverified') ?? false) &&
  (rule?.break_glass?.without.includes('ticket') ?? false);

const isOpeningNow = (grant: GrantState, nowMs: number): boolean =>
  Object.values(grant.sessions).some((session) => session.phase === 'opening' && nowMs < session.settleByMs);

/**
 * A code shown now; or the request's, a quarter of an hour long; or the one this device showed for this very grant.
 * What a factor proved before counts only while it is enrolled: who removes a stolen phone means it.
 */
function proveForOpening(
  input: OpenInput,
  rule: ResolvedRule,
):
  | { readonly proof: FactorProof | null; readonly events: readonly Draft[] }
  | { readonly refused: Judgement } {
  const { actor, shown, state, grant, nowMs } = input;
  if (actor.kind === 'workload' || rule.factors.open === 'none') return { proof: null, events: [] };
  if (shown.kind !== 'nothing') {
    const about = grant.grant;
    const states = input.factorStates;
    const signable = { act: { purpose: 'open', about, digest: null } } as const;
    const spent = spendFactor({ actor, shown, states, purpose: 'open', about, signable, nowMs });
    return 'refused' in spent ? spent : { proof: spent.proof, events: [spent.spent] };
  }
  const { factors } = input.factorStates.person;
  const isEnough = (proof: FactorProof) => rule.factors.open !== 'passkey' || proof.kind === 'passkey';
  const stillCounts = (proof: FactorProof | null) =>
    proof !== null && isEnough(proof) && Object.hasOwn(factors, proof.factor);
  const earlier = Object.values(grant.sessions).find(
    ({ phase, proof, keyThumbprint }) =>
      phase === 'opened' && stillCounts(proof) && keyThumbprint === actor.keyThumbprint,
  );
  if (earlier !== undefined) return { proof: earlier.proof, events: [] };
  const fromRequest =
    state.proof !== null &&
    state.person === actor.person &&
    stillCounts(state.proof) &&
    state.keyThumbprint === actor.keyThumbprint &&
    nowMs < state.proof.proved_at_ms + PROOF_SERVES_MS;
  return fromRequest
    ? { proof: state.proof, events: [] }
    : {
        refused: {
          events: [],
          refusal: stepUpNeeded('what was shown before no longer serves this opening', rule.factors.open),
        },
      };
}
