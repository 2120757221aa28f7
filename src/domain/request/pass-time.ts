import { type Draft, draft } from '../draft.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { confirmedIfNothingLives } from './end.ts';
import type { GrantState, RequestState } from './state.ts';

/**
 * Writes what time alone has done: a request nobody decided, a grant that ran out, an opening nobody settled, a
 * revocation that expiry completed. Reading is right without it (status.ts); this makes the log say so.
 */
export function decidePassTime(state: RequestState, nowMs: number): Judgement {
  const request = state.request;
  if (request === null) return { events: [] };
  const stream = streams.request(request);
  if (state.outcome === 'pending') {
    if (nowMs < state.reviewByMs) return { events: [] };
    const body = { request, was_due_ms: state.reviewByMs };
    return { events: [draft('countersign.request.expired.v1', stream, request, body)] };
  }
  const events = Object.values(state.grants).flatMap((grant) => [
    ...unsettled(state, grant, nowMs),
    ...runOut(state, grant, nowMs),
  ]);
  return { events };
}

/** Nobody recorded the cloud's answer: it may be open, and counts so until it would have ended. */
function unsettled(state: RequestState, grant: GrantState, nowMs: number): Draft[] {
  const request = state.request ?? '';
  return Object.values(grant.sessions)
    .filter((session) => session.phase === 'opening' && nowMs >= session.settleByMs)
    .map((session) =>
      draft('countersign.session.failed.v1', streams.request(request), grant.grant, {
        request,
        grant: grant.grant,
        session: session.session,
        reason: 'no outcome was recorded in time; it may be open until its end',
        certain: false,
        settled_by: 'recovery',
      }),
    );
}

function runOut(state: RequestState, grant: GrantState, nowMs: number): Draft[] {
  const request = state.request ?? '';
  const overAtMs = grant.revokeRequestedAtMs ?? grant.endedAtMs;
  if (overAtMs !== null) {
    return grant.revokeConfirmedAtMs === null
      ? [...confirmedIfNothingLives(state, grant, overAtMs, nowMs)]
      : [];
  }
  const was_due_ms = grant.endsAtMs ?? grant.activateByMs;
  if (grant.expired || nowMs < was_due_ms) return [];
  const body = { request, grant: grant.grant, unused: grant.endsAtMs === null, was_due_ms };
  return [draft('countersign.grant.expired.v1', streams.request(request), grant.grant, body)];
}
