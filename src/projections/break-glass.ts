import type { RowChange } from '../app/store.ts';
import { type BreakGlassState, isReviewed } from '../domain/break-glass/state.ts';
import type { FoldedEvent } from '../domain/fold.ts';
import type { StreamId } from '../domain/ids.ts';
import { rowChange } from './tables.ts';

/** Emergencies that wait to be judged, for the group that judges them. */
export function breakGlassRows(
  _stream: StreamId,
  state: BreakGlassState,
  last: FoldedEvent,
): readonly RowChange[] {
  const { event } = last;
  const about =
    event.type === 'countersign.break-glass.used.v1' || event.type === 'countersign.break-glass.reviewed.v1'
      ? state.uses[event.data.request]
      : undefined;
  if (about === undefined) return [];
  const key = `${about.request}\nreview-break-glass\n${about.reviewFrom}`;
  if (isReviewed(about)) return [rowChange('waiting', key, null)];
  const row = {
    seq: last.seq,
    ordinal: about.usedSeq,
    request: about.request,
    group_name: about.reviewFrom,
    purpose: 'review-break-glass',
    review_by_ms: about.reviewByMs,
  };
  return [rowChange('waiting', key, row)];
}
