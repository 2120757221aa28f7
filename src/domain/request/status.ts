import type { GrantState, RequestState } from './state.ts';

export type RequestStatus =
  | 'pending'
  | 'denied'
  | 'expired'
  | 'withdrawn'
  | 'approved'
  | 'active'
  | 'activation-failed'
  | 'ended'
  | 'revoking'
  | 'revoked';

/** What a person is told, at this moment: never approved or active once the access is dead, written or not. */
export function requestStatus(state: RequestState, nowMs: number): RequestStatus {
  switch (state.outcome) {
    case 'pending':
      return nowMs >= state.reviewByMs ? 'expired' : 'pending';
    case 'denied':
    case 'withdrawn':
    case 'expired':
      return state.outcome;
    case 'approved': {
      const grant = onlyGrant(state);
      return grant === undefined ? 'expired' : grantStatus(grant, nowMs);
    }
  }
}

export type GrantStatus = Extract<
  RequestStatus,
  'approved' | 'active' | 'activation-failed' | 'expired' | 'ended' | 'revoking' | 'revoked'
>;

export function grantStatus(grant: GrantState, nowMs: number): GrantStatus {
  if (grant.revokeRequestedAtMs !== null) return grant.revokeConfirmedAtMs === null ? 'revoking' : 'revoked';
  if (grant.endedAtMs !== null) return grant.revokeConfirmedAtMs === null ? 'revoking' : 'ended';
  if (grant.endsAtMs !== null) return grant.expired || nowMs >= grant.endsAtMs ? 'ended' : 'active';
  if (grant.expired || nowMs >= grant.activateByMs) return 'expired';
  return Object.keys(grant.sessions).length > 0 ? 'activation-failed' : 'approved';
}

/** Credentials may still be asked for under it. */
export const isUsable = (status: RequestStatus): boolean =>
  status === 'approved' || status === 'active' || status === 'activation-failed';

/** One request becomes one grant for one person on one target. */
export const onlyGrant = (state: RequestState): GrantState | undefined => Object.values(state.grants)[0];

/** Where the reviewing stands: the first stage that still lacks people, or undefined when all have signed. */
export function currentStage(
  state: RequestState,
):
  | { readonly stage: number; readonly from: string; readonly people: number; readonly have: number }
  | undefined {
  for (const [stage, { people, from }] of state.stages.entries()) {
    const have = state.reviews.filter(
      (review) => review.stage === stage && review.verdict === 'approve',
    ).length;
    if (have < people) return { stage, from, people, have };
  }
  return undefined;
}
