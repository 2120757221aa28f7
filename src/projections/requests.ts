import type { RowChange } from '../app/store.ts';
import type { StreamId } from '../domain/ids.ts';
import { lastSessionEndMs } from '../domain/request/due.ts';
import { currentStage } from '../domain/request/stage.ts';
import type { GrantState, RequestState } from '../domain/request/state.ts';
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
  const grants = Object.values(state.grants);
  const ends = grants.map((grant) => grant.endsAtMs ?? grant.activateByMs);
  return rowChange('requests', state.request ?? '', {
    seq,
    ordinal: state.submittedSeq,
    person: state.person,
    entitlement: state.entitlement,
    targets: state.targets.join('\n'),
    extends_grant: state.extends?.grant ?? null,
    state: state.outcome,
    submitted_at_ms: state.submittedAtMs,
    review_by_ms: state.reviewByMs,
    ends_at_ms: ends.length === 0 ? null : Math.max(...ends),
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
  const stage = state.outcome === 'pending' ? currentStage(state) : undefined;
  // Whom it escalates to is told by the list only once it is their turn: the row is there from the beginning.
  const waitsFor = stage && [stage.from, ...(stage.escalate === null ? [] : [stage.escalate.to])];
  return [...new Set(state.stages.flatMap(groupsOf))].map((group) => {
    const key = `${state.request}\nreview\n${group}`;
    if (waitsFor?.includes(group) !== true) return rowChange('waiting', key, null);
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

const groupsOf = ({ from, escalate }: RequestState['stages'][number]): readonly string[] =>
  escalate === null ? [from] : [from, escalate.to];
