import { draft } from '../draft.ts';
import { type SessionId, streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { GrantState, RequestState } from './state.ts';
import { grantStatus } from './status.ts';

/** What the cloud answered to an opening, without its credentials. */
export type Settlement =
  | {
      readonly kind: 'opened';
      readonly cloudSession: string;
      readonly providerRequest: string | null;
      readonly expiresAtMs: number;
      readonly packedPolicyPercent: number | null;
    }
  | { readonly kind: 'failed'; readonly reason: string; readonly certain: boolean };

/**
 * Writes down what became of an opening. The truth is written even when it comes late: `deliver` says whether the
 * credentials may still leave the broker, which a revocation or a leaving in the meantime, or a recovery that gave up,
 * forbids.
 */
export function decideSettle(input: {
  readonly state: RequestState;
  readonly grant: GrantState;
  readonly session: SessionId;
  readonly settlement: Settlement;
  readonly settledBy: 'caller' | 'recovery';
  /** It is recorded that its holder has left, whether or not the grant was ended since. */
  readonly holderHasLeft: boolean;
  readonly nowMs: number;
}): Judgement & { readonly deliver: boolean } {
  const { state, grant, session, settlement, nowMs } = input;
  const known = grant.sessions[session];
  if (state.request === null || known === undefined) return { events: [], deliver: false };
  const stream = streams.request(state.request);
  const at = { request: state.request, grant: grant.grant, session };
  if (settlement.kind === 'failed') {
    if (known.phase !== 'opening') return { events: [], deliver: false };
    const { certain } = settlement;
    // A cloud's own words: cut so that they fit, whatever they are, or the outcome would not be recorded at all.
    const reason = settlement.reason.slice(0, 500).toWellFormed() || 'no reason was given';
    const body = { ...at, reason, certain, settled_by: input.settledBy };
    return { events: [draft('countersign.session.failed.v1', stream, grant.grant, body)], deliver: false };
  }
  if (known.phase === 'opened' || known.phase === 'failed') return { events: [], deliver: false };
  const opened = draft('countersign.session.opened.v1', stream, grant.grant, {
    ...at,
    cloud_session: settlement.cloudSession,
    provider_request: settlement.providerRequest,
    expires_at_ms: settlement.expiresAtMs,
    packed_policy_percent: settlement.packedPolicyPercent,
  });
  const isTheirs = grantStatus(grant, nowMs) === 'active' && !input.holderHasLeft;
  return { events: [opened], deliver: known.phase === 'opening' && isTheirs };
}
