import type { RowChange } from '../app/store.ts';
import type { StreamId } from '../domain/ids.ts';
import { lastSessionEndMs } from '../domain/request/due.ts';
import type { GrantState, RequestState } from '../domain/request/state.ts';
import { currentStage, onlyGrant } from '../domain/request/status.ts';
import { rowChange } from './tables.ts';

/** The rows that one request stands for: itself, its grants, and whom it waits for. */
export function requestRows(_stream: StreamId, state: RequestState, seq: number): readonly RowChange[] {
  if (state.request === null) return [];
  const grants = Object.values(state.grants);
  return [
    requestRow(state, seq),
    ...grants.map((grant) => grantRow(state, grant, seq)),
    ...waitingRows(state, seq),
  ];
}

function requestRow(state: RequestState, seq: number): RowChange {
  const grant = onlyGrant(state);
  return rowChange('requests', state.request ?? '', {
    seq,
    ordinal: state.submittedSeq,
    person: state.person,
    entitlement: state.entitlement,
    target: state.target,
    state: state.outcome,
    submitted_at_ms: state.submittedAtMs,
    review_by_ms: state.reviewByMs,
    ends_at_ms: grant?.endsAtMs ?? grant?.activateByMs ?? null,
    grant_id: grant?.grant ?? null,
    break_glass: state.breakGlass === null ? 0 : 1,
    open:
      state.outcome === 'pending' || Object.values(state.grants).some((one) => openness(one) === 1) ? 1 : 0,
  });
}

function grantRow(state: RequestState, grant: GrantState, seq: number): RowChange {
  return rowChange('grants', grant.grant, {
    seq,
    ordinal: state.submittedSeq,
    request: state.request ?? '',
    person: grant.person,
    target: grant.target,
    ends_at_ms: grant.endsAtMs,
    activate_by_ms: grant.activateByMs,
    open: openness(grant),
  });
}

/** 1: may be used until its deadline; 2: over, and something issued may still work; 0: over. */
function openness(grant: GrantState): 0 | 1 | 2 {
  const over = grant.endedAtMs !== null || grant.revokeRequestedAtMs !== null;
  if (over) return grant.revokeConfirmedAtMs === null && lastSessionEndMs(grant) > 0 ? 2 : 0;
  return grant.expired ? 0 : 1;
}

/** One row for the group whose turn it is; rows of other stages end. */
function waitingRows(state: RequestState, seq: number): readonly RowChange[] {
  const waitsFor = state.outcome === 'pending' ? currentStage(state)?.from : undefined;
  return [...new Set(state.stages.map(({ from }) => from))].map((group) => {
    const key = `${state.request}\nreview\n${group}`;
    if (group !== waitsFor) return rowChange('waiting', key, null);
    return rowChange('waiting', key, {
      seq,
      ordinal: state.submittedSeq,
      request: state.request ?? '',
      group_name: group,
      purpose: 'review',
      review_by_ms: state.reviewByMs,
    });
  });
}
