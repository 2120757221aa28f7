import type { Actor } from '../../domain/actor.ts';
import { type RequestId, streams } from '../../domain/ids.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { Broker } from '../broker.ts';
import { visibleRequest } from './visible.ts';

export interface RequesterHistory {
  /** Requests of the last 90 days that were approved, the one looked at left out. */
  readonly granted: number;
  /** Of those, how many were for the same entitlement. */
  readonly same: number;
  /** Of those granted, how many had access taken away. */
  readonly revoked: number;
  readonly days: number;
  /** There are more than were counted: the newest hundred. */
  readonly isPartial: boolean;
}

const DAYS = 90;
const MOST_COUNTED = 100;

/**
 * What the requester was given before: for whoever may see the request, as numbers alone. Counted from entries; the list
 * only finds them.
 * @throws Failure `not-found`
 */
export async function requesterHistory(
  broker: Broker,
  actor: Actor,
  request: RequestId,
): Promise<RequesterHistory> {
  const { person, entitlement } = await visibleRequest(broker, actor, request);
  const sinceMs = broker.clock.nowMs() - DAYS * 86_400_000;
  const rows = await broker.store.rows({ table: 'requests', where: { person }, limit: MOST_COUNTED + 1 });
  const recent = rows.filter((row) => Number(row['submitted_at_ms']) >= sinceMs && row['key'] !== request);
  const named = recent.slice(0, MOST_COUNTED).map((row) => streams.request(String(row['key'])));
  const view = named.length === 0 ? undefined : await broker.sequencer.read(named);
  const granted = named
    .map((stream) => view?.state(requestFold, stream))
    .filter((state) => state !== undefined)
    .filter(({ outcome }) => outcome === 'approved');
  return {
    granted: granted.length,
    same: granted.filter((state) => state.entitlement === entitlement).length,
    revoked: granted.filter(({ grants }) =>
      Object.values(grants).some(({ revokeRequestedAtMs }) => revokeRequestedAtMs !== null),
    ).length,
    days: DAYS,
    isPartial: recent.length > MOST_COUNTED,
  };
}
