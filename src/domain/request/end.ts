import { type Draft, draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import { lastSessionEndMs } from './due.ts';
import type { GrantState, RequestState } from './state.ts';
import { grantStatus, isLive } from './status.ts';

/** The holder is done early. Who holds it is checked by the caller: somebody else's grant does not exist for them. */
export function decideEnd(input: {
  readonly state: RequestState;
  readonly grant: GrantState;
  readonly nowMs: number;
}): Judgement {
  const { state, grant, nowMs } = input;
  const status = grantStatus(grant, nowMs);
  if (state.request === null || !isLive(status)) {
    return {
      events: [],
      refusal: new Failure('conflict', `This grant is ${status} already; there is nothing to end.`),
    };
  }
  const ended = draft('countersign.grant.ended.v1', streams.request(state.request), grant.grant, {
    request: state.request,
    grant: grant.grant,
    person: grant.person,
    seconds_left: secondsLeft(grant, nowMs),
  });
  return { events: [ended, ...confirmedIfNothingLives(state, grant, nowMs, nowMs)] };
}

/** What its holder gives back by ending it now: the rest of its time, or all of it where it was never used. */
export const secondsLeft = (grant: GrantState, nowMs: number): number =>
  grant.endsAtMs === null ? grant.seconds : Math.max(0, Math.floor((grant.endsAtMs - nowMs) / 1000));

export type ConfirmationSeen = 'introspection' | 'probe' | 'expiry' | 'never-opened';

/** The entry that says the access is gone, and how we know. Only after somebody ended or revoked it. */
export function confirmedDraft(
  state: RequestState,
  grant: GrantState,
  seen: ConfirmationSeen,
  requestedAtMs: number,
  nowMs: number,
): Draft {
  const request = state.request ?? '';
  return draft('countersign.grant.revoke-confirmed.v1', streams.request(request), grant.grant, {
    request,
    grant: grant.grant,
    seen,
    milliseconds_between: Math.max(0, nowMs - requestedAtMs),
  });
}

/** A grant that never had a session, or whose sessions are all past, is confirmed at once. */
export function confirmedIfNothingLives(
  state: RequestState,
  grant: GrantState,
  requestedAtMs: number,
  nowMs: number,
): readonly Draft[] {
  const everOpened = Object.values(grant.sessions).some((session) => session.phase !== 'failed');
  if (!everOpened) return [confirmedDraft(state, grant, 'never-opened', requestedAtMs, nowMs)];
  return lastSessionEndMs(grant) <= nowMs
    ? [confirmedDraft(state, grant, 'expiry', requestedAtMs, nowMs)]
    : [];
}

/** Written when the provider has carried a revocation out, or once every credential has died by itself. */
export function decideConfirm(input: {
  readonly state: RequestState;
  readonly grant: GrantState;
  readonly seen: ConfirmationSeen;
  readonly nowMs: number;
}): Judgement {
  const { state, grant, seen, nowMs } = input;
  const requestedAtMs = grant.revokeRequestedAtMs ?? grant.endedAtMs;
  if (requestedAtMs === null || grant.revokeConfirmedAtMs !== null) return { events: [] };
  return { events: [confirmedDraft(state, grant, seen, requestedAtMs, nowMs)] };
}
