import type { AuditState, RequestState } from '../state.ts';

const HOUR_MS = 3_600_000;

/** Notes that a request is over. It is kept for an hour, to tell what comes too late from what never was. */
export function closeRequest({ request }: RequestState, state: AuditState): void {
  state.closed.push({ request, forgetAtMs: state.timeMs + HOUR_MS });
}

/** Closes a request whose grants are all over, once what became of each of their sessions is known. */
export function closeIfSettled(request: RequestState, state: AuditState): void {
  for (const { over, sessions } of request.grants.values()) {
    if (over !== 'expired' && over !== 'revoked') return;
    for (const { outcome } of sessions.values()) if (outcome === 'opening') return;
  }
  closeRequest(request, state);
}

const MINUTE_MS = 60_000;

/** Lets go of what has been over for long enough, about once a minute of the log's time. */
export function forgetClosed(state: AuditState): void {
  const { closed, timeMs } = state;
  if ((closed[0]?.forgetAtMs ?? Number.POSITIVE_INFINITY) + MINUTE_MS > timeMs) return;
  const stays = closed.findIndex(({ forgetAtMs }) => forgetAtMs > timeMs);
  for (const { request } of closed.splice(0, stays < 0 ? closed.length : stays)) {
    state.requests.delete(request);
    state.streams.delete(`request/${request}`);
  }
}
