import type { History } from './history.ts';
import type { Law } from './law.ts';
import { hasLeftSince } from './people.ts';
import { endBefore } from './sessions.ts';

export const extensionsFollowTheirGrant: Law = {
  name: 'extensions-follow-their-grant',
  *breaches(_world, history) {
    for (const granted of history.of('countersign.request.approved.v1')) {
      const carried = history.request(granted.request)?.extends;
      const before = carried && history.grant(carried.grant);
      if (carried == null || before === undefined || before === null) continue;
      if (before.person !== granted.person || before.target !== granted.target)
        yield `#${granted.seq}: ${granted.grant} carries on another's, or another place`;
      const endMs = endBefore(history, before, granted.seq);
      if (endMs !== undefined && endMs > granted.decided_at_ms && granted.starts_at_ms !== endMs)
        yield `#${granted.seq}: ${granted.grant} does not begin where ${before.grant} ends`;
    }
  },
};

export const openingsRestOnWhatStillStands: Law = {
  name: 'openings-rest-on-what-still-stands',
  *breaches(_world, history) {
    for (const { seq, request, grant } of history.of('countersign.session.opening.v1')) {
      const carried = history.request(request)?.extends;
      if (carried != null && wasTakenAway(history, carried.grant, seq))
        yield `#${seq}: ${grant} carries on ${carried.grant}, which was taken away`;
      const signed = history
        .of('countersign.request.reviewed.v1')
        .filter((one) => one.request === request && one.verdict === 'approve');
      for (const one of signed) {
        if (hasLeftSince(history, one.reviewer, one.seq, seq))
          yield `#${seq}: rests on the word of ${one.reviewer}, who has left since`;
      }
    }
  },
};

/** By somebody, or by the broker for a reason: not by its holder, and not by time. */
const wasTakenAway = (history: History, grant: string, seq: number): boolean =>
  [
    ...history.of('countersign.grant.revoke-requested.v1'),
    ...history.of('countersign.grant.cut-off.v1'),
  ].some((one) => one.grant === grant && one.seq < seq);
