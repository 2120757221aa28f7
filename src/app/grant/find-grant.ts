import { Failure } from '../../domain/errors.ts';
import type { RequestId, StreamId } from '../../domain/ids.ts';
import { streams } from '../../domain/ids.ts';
import { own } from '../../domain/policy/own.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { GrantState, RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';

/** One answer for what does not exist and for what is not yours: an id alone opens nothing. */
export const notFound = (what: string): Failure =>
  new Failure('not-found', `There is no ${what} by that id that you may see.`, {
    mend: '`countersign ls` lists yours.',
  });

/** Which request a grant belongs to, by the list; the decision itself folds the request's entries. */
export async function requestOfGrant(broker: Broker, grant: string): Promise<RequestId> {
  const [row] = await broker.store.rows({ table: 'grants', where: { key: grant }, limit: 1 });
  if (row === undefined) throw notFound('grant');
  return String(row['request']) as RequestId;
}

export interface FoundGrant {
  readonly state: RequestState;
  readonly grant: GrantState;
}

export function grantIn(view: View, stream: StreamId, grant: string): FoundGrant {
  const state = view.state(requestFold, stream);
  const found = own(state.grants, grant);
  if (found === undefined) throw notFound('grant');
  return { state, grant: found };
}

/** The grant that a request carries on, as it stands; undefined: it carries on none. */
export function extendedGrant(view: View, state: RequestState): GrantState | undefined {
  if (state.extends === null) return undefined;
  const { request, grant } = state.extends;
  return own(view.state(requestFold, streams.request(request)).grants, grant);
}

/** What `extendedGrant` reads. */
export const extendedStreams = (state: RequestState): readonly StreamId[] =>
  state.extends === null ? [] : [streams.request(state.extends.request)];

export async function readGrant(
  broker: Broker,
  grant: string,
): Promise<FoundGrant & { readonly request: RequestId }> {
  const request = await requestOfGrant(broker, grant);
  const stream = streams.request(request);
  return { ...grantIn(await broker.sequencer.read([stream]), stream, grant), request };
}

export async function readRequest(broker: Broker, request: string): Promise<RequestState> {
  const stream = streams.request(request);
  const state = (await broker.sequencer.read([stream])).state(requestFold, stream);
  if (state.request === null) throw notFound('request');
  return state;
}
