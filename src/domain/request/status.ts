import type { GrantState, RequestState } from './state.ts';

export type RequestStatus =
  | 'pending'
  | 'denied'
  | 'expired'
  | 'withdrawn'
  | 'cancelled'
  | 'scheduled'
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
    case 'cancelled':
    case 'expired':
      return state.outcome;
    case 'approved': {
      const statuses = Object.values(state.grants).map((grant) => grantStatus(grant, nowMs));
      return mostAliveFirst.find((status) => statuses.includes(status)) ?? 'expired';
    }
  }
}

export type GrantStatus = Extract<
  RequestStatus,
  'scheduled' | 'approved' | 'active' | 'activation-failed' | 'expired' | 'ended' | 'revoking' | 'revoked'
>;

/** Of a request with several grants, the one that matters most to whoever looks. */
const mostAliveFirst: readonly GrantStatus[] = [
  'active',
  'approved',
  'scheduled',
  'activation-failed',
  'revoking',
  'revoked',
  'ended',
  'expired',
];

export function grantStatus(grant: GrantState, nowMs: number): GrantStatus {
  if (grant.revokeRequestedAtMs !== null) return grant.revokeConfirmedAtMs === null ? 'revoking' : 'revoked';
  if (grant.endedAtMs !== null) return grant.revokeConfirmedAtMs === null ? 'revoking' : 'ended';
  if (grant.endsAtMs !== null) return grant.expired || nowMs >= grant.endsAtMs ? 'ended' : 'active';
  if (grant.expired || nowMs >= grant.activateByMs) return 'expired';
  if (grant.startsAtMs !== null && nowMs < grant.startsAtMs) return 'scheduled';
  return Object.keys(grant.sessions).length > 0 ? 'activation-failed' : 'approved';
}

/** Credentials may still be asked for under it: now, or, where it is scheduled, once it begins. */
export const isLive = (status: RequestStatus): boolean => status === 'scheduled' || isUsable(status);

/** Credentials may be asked for under it now. */
export const isUsable = (status: RequestStatus): boolean =>
  status === 'approved' || status === 'active' || status === 'activation-failed';
