import { draft } from '../draft.ts';
import { Failure } from '../errors.ts';
import { streams } from '../ids.ts';
import type { Judgement } from '../judgement.ts';
import type { RequestState } from './state.ts';
import { requestStatus } from './status.ts';

/** The requester takes an undecided request back. */
export function decideWithdraw(input: { readonly state: RequestState; readonly nowMs: number }): Judgement {
  const { state, nowMs } = input;
  const status = requestStatus(state, nowMs);
  if (state.request === null || status !== 'pending') {
    const mend =
      status === 'approved' || status === 'active'
        ? 'End the grant instead: `countersign end ID`.'
        : undefined;
    const refusal = new Failure(
      'conflict',
      `This request is ${status}; only a pending one can be withdrawn.`,
      {
        ...(mend === undefined ? {} : { mend }),
      },
    );
    return { events: [], refusal };
  }
  const body = { request: state.request, person: state.person };
  const stream = streams.request(state.request);
  return { events: [draft('countersign.request.withdrawn.v1', stream, state.request, body)] };
}
