import { base64 } from '../../log/bytes.ts';
import type { StoredData } from '../events.ts';
import type { Fold, FoldedEvent } from '../fold.ts';
import type { GrantId, RequestId, SessionId } from '../ids.ts';
import { dueAtMs } from './due.ts';
import { grantEndMs } from './grant-end.ts';
import { type GrantState, initialRequest, type RequestState, type SessionState } from './state.ts';

export const requestFold: Fold<RequestState> = {
  kind: 'request',
  initial: initialRequest,
  evolve,
  dueAtMs: (state) => dueAtMs(state),
};

function evolve(state: RequestState, folded: FoldedEvent): RequestState {
  const { event } = folded;
  switch (event.type) {
    case 'countersign.request.submitted.v1':
      return submitted(event.data, folded);
    case 'countersign.request.reviewed.v1':
      return reviewed(state, event.data, folded);
    case 'countersign.request.approved.v1':
      return approved(state, event.data);
    case 'countersign.request.nudged.v1': {
      const { stage, hear, decided_at_ms } = event.data;
      const nudge = { seq: folded.seq, stage, hear, atMs: decided_at_ms };
      return { ...state, nudges: [...state.nudges, nudge] };
    }
    case 'countersign.request.withdrawn.v1':
      return { ...state, outcome: 'withdrawn' };
    case 'countersign.request.cancelled.v1':
      return { ...state, outcome: 'cancelled' };
    case 'countersign.request.expired.v1':
      return { ...state, outcome: 'expired' };
    case 'countersign.session.opening.v1':
      return opening(state, event.data);
    case 'countersign.session.opened.v1':
      return onSession(state, event.data, (session) => ({
        ...session,
        phase: 'opened',
        cloudSession: event.data.cloud_session,
        endsAtMs: event.data.expires_at_ms,
      }));
    case 'countersign.session.failed.v1':
      return failed(state, event.data);
    case 'countersign.grant.ended.v1':
      return onGrant(state, event.data.grant, (grant) => ({ ...grant, endedAtMs: event.data.decided_at_ms }));
    case 'countersign.grant.revoke-requested.v1':
      return onGrant(state, event.data.grant, (grant) => revoking(grant, event.data.decided_at_ms));
    case 'countersign.grant.cut-off.v1':
      return onGrant(state, event.data.grant, (grant) => ({
        ...revoking(grant, event.data.decided_at_ms),
        cutOff: { cause: event.data.cause, about: event.data.about },
      }));
    case 'countersign.grant.revoke-confirmed.v1':
      return onGrant(state, event.data.grant, (grant) => ({
        ...grant,
        revokeConfirmedAtMs: event.data.decided_at_ms,
      }));
    case 'countersign.grant.expired.v1':
      return onGrant(state, event.data.grant, (grant) => ({ ...grant, expired: true }));
    default:
      return state;
  }
}

function submitted(data: StoredData<'countersign.request.submitted.v1'>, folded: FoldedEvent): RequestState {
  return {
    ...initialRequest,
    request: data.request as RequestId,
    person: data.person,
    byWorkload: data.by.kind === 'workload',
    entitlement: data.entitlement,
    people: data.people,
    targets: data.targets,
    policyDigest: data.policy_digest,
    ruleDigest: data.rule_digest,
    parameters: data.parameters,
    scope: data.scope,
    seconds: data.seconds,
    startMs: data.start_ms,
    extends: data.extends,
    stages: data.stages,
    keyThumbprint: data.key_thumbprint,
    proof: data.proof,
    breakGlass: data.break_glass,
    ticketCommitment: data.ticket?.commitment ?? null,
    submittedSeq: folded.seq,
    submittedLeaf: base64(folded.leafHash),
    submittedAtMs: data.decided_at_ms,
    reviewByMs: data.review_by_ms,
  };
}

function reviewed(
  state: RequestState,
  data: StoredData<'countersign.request.reviewed.v1'>,
  folded: FoldedEvent,
): RequestState {
  const review = {
    reviewer: data.reviewer,
    stage: data.stage,
    verdict: data.verdict,
    scope: data.scope,
    seconds: data.seconds,
    seq: folded.seq,
    factor: data.proof.factor,
    atMs: data.decided_at_ms,
  };
  return {
    ...state,
    reviews: [...state.reviews, review],
    nonces: [...state.nonces, data.statement.nonce],
    outcome: data.verdict === 'deny' ? 'denied' : state.outcome,
  };
}

function approved(state: RequestState, data: StoredData<'countersign.request.approved.v1'>): RequestState {
  const grant: GrantState = {
    grant: data.grant as GrantId,
    person: data.person,
    target: data.target,
    ruleDigest: data.rule_digest,
    scope: data.scope,
    seconds: data.seconds,
    approvedAtMs: data.decided_at_ms,
    startsAtMs: data.starts_at_ms,
    activateByMs: data.activate_by_ms,
    endsAtMs: null,
    sessions: {},
    endedAtMs: null,
    revokeRequestedAtMs: null,
    cutOff: null,
    revokeConfirmedAtMs: null,
    expired: false,
  };
  return { ...state, outcome: 'approved', grants: { ...state.grants, [data.grant]: grant } };
}

function opening(state: RequestState, data: StoredData<'countersign.session.opening.v1'>): RequestState {
  return onGrant(state, data.grant, (grant) => ({
    ...grant,
    endsAtMs: grant.endsAtMs ?? grantEndMs(data.decided_at_ms, grant.seconds),
    sessions: {
      ...grant.sessions,
      [data.session]: {
        session: data.session as SessionId,
        phase: 'opening',
        openingAtMs: data.decided_at_ms,
        settleByMs: data.settle_by_ms,
        endsAtMs: data.ends_at_ms,
        cloudSession: null,
        keyThumbprint: data.key_thumbprint,
        proof: data.proof,
      },
    },
  }));
}

/** A first opening that certainly came to nothing has not started the grant's clock. */
function failed(state: RequestState, data: StoredData<'countersign.session.failed.v1'>): RequestState {
  const after = onSession(state, data, (session) => ({
    ...session,
    phase: data.certain ? 'failed' : 'uncertain',
  }));
  return onGrant(after, data.grant, (grant) =>
    Object.values(grant.sessions).every((session) => session.phase === 'failed')
      ? { ...grant, endsAtMs: null }
      : grant,
  );
}

const revoking = (grant: GrantState, atMs: number): GrantState => ({
  ...grant,
  revokeRequestedAtMs: grant.revokeRequestedAtMs ?? atMs,
  revokeConfirmedAtMs: null,
});

function onGrant(state: RequestState, id: string, change: (grant: GrantState) => GrantState): RequestState {
  const grant = state.grants[id];
  return grant === undefined ? state : { ...state, grants: { ...state.grants, [id]: change(grant) } };
}

function onSession(
  state: RequestState,
  at: { readonly grant: string; readonly session: string },
  change: (session: SessionState) => SessionState,
): RequestState {
  return onGrant(state, at.grant, (grant) => {
    const session = grant.sessions[at.session];
    return session === undefined
      ? grant
      : { ...grant, sessions: { ...grant.sessions, [at.session]: change(session) } };
  });
}
