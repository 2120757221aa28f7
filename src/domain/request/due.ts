import type { GrantState, RequestState } from './state.ts';

/** The next moment at which time alone changes this request: somebody must then write what time did. */
export function dueAtMs(state: RequestState): number | null {
  if (state.request === null) return null;
  if (state.outcome === 'pending') return state.reviewByMs;
  const moments = Object.values(state.grants).flatMap(grantMoments);
  return moments.length === 0 ? null : Math.min(...moments);
}

function grantMoments(grant: GrantState): number[] {
  const sessions = Object.values(grant.sessions);
  const moments = sessions
    .filter((session) => session.phase === 'opening')
    .map((session) => session.settleByMs);
  const over = grant.endedAtMs !== null || grant.revokeRequestedAtMs !== null;
  if (over) {
    if (grant.revokeConfirmedAtMs === null) moments.push(lastSessionEndMs(grant));
  } else if (!grant.expired) {
    moments.push(grant.endsAtMs ?? grant.activateByMs);
  }
  return moments;
}

/** When the last credential that may exist under this grant dies by itself. */
export function lastSessionEndMs(grant: GrantState): number {
  const ends = Object.values(grant.sessions)
    .filter((session) => session.phase !== 'failed')
    .map((session) => session.endsAtMs);
  return Math.max(0, ...ends);
}
