import { type GrantId, type RequestId, type StreamId, streams } from '../../domain/ids.ts';
import type { Judgement } from '../../domain/judgement.ts';
import { type Humans, identitiesOf } from '../../domain/policy/humans.ts';
import { decideCancel, decideCutOff } from '../../domain/request/cut-off.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { GrantState, RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { everyRow } from '../every-row.ts';
import { type KnownPolicy, requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { requestsExtending } from '../views/extensions.ts';
import { extendedGrant, extendedStreams } from './find-grant.ts';
import { brokerItself, providerOfRequest, revokeAtProvider } from './revoke-at-provider.ts';
import { leftAs, leftStreams } from './who-left.ts';

/**
 * Ends at once what a human who has left could still use, under all of their identities, and cancels what they asked
 * for. That they have left must be in the log already: it is looked at again in each decision, so that this may be
 * called for anybody, any number of times, and a sweep (sweep-grants.ts) finishes what a crash cut short.
 * @returns the entries it made
 */
export async function cutOffGrantsOf(broker: Broker, person: string): Promise<readonly number[]> {
  const known = await broker.policies.inForceIfAny();
  const requests = new Set<RequestId>();
  for (const identity of known === undefined ? [person] : identitiesOf(known.policy, person)) {
    const where = { person: identity, open: 1 };
    for await (const row of everyRow(broker, { table: 'grants', where }))
      requests.add(String(row['request']) as RequestId);
    for await (const row of everyRow(broker, { table: 'requests', where }))
      requests.add(String(row['key']) as RequestId);
  }
  const made: number[] = [];
  for (const request of requests) made.push(...(await cutOffWhatMust(broker, request)));
  return made;
}

/** Ends what carries on a grant that was revoked or cut off, and what carries that on. */
export async function cutOffExtensionsOf(broker: Broker, grant: GrantId): Promise<readonly number[]> {
  const made: number[] = [];
  for (const { request } of await requestsExtending(broker, grant)) {
    if (request !== null) made.push(...(await cutOffWhatMust(broker, request)));
  }
  return made;
}

/** Whatever was recorded that ends grants of this request, or the request itself: written, and carried out. */
export const cutOffWhatMust = (broker: Broker, request: RequestId): Promise<readonly number[]> =>
  underOnePolicy(() => cutOffOnce(broker, request));

async function cutOffOnce(broker: Broker, request: RequestId): Promise<readonly number[]> {
  const known = await broker.policies.inForceIfAny();
  const stream = streams.request(request);
  const state = (await broker.sequencer.read([stream])).state(requestFold, stream);
  if (state.request === null) return [];
  const read = [stream, ...restsOn(known, state)];
  const channel = (await providerOfRequest(broker, state))?.revocationChannel ?? 'none';
  const judge = (view: View, nowMs: number) => judgeCutOff(view, known, stream, channel, nowMs);
  // Most have nothing to end: looked at before anything is written.
  const looked = judge(await broker.sequencer.read(read), broker.clock.nowMs());
  if (looked.events.length === 0) return [];
  const made = await broker.sequencer.submit<readonly number[]>({
    by: brokerItself(broker),
    streams: ['policy', ...read],
    factsAtMs: null,
    decide(view, nowMs) {
      requireInForce(view, known?.digest ?? null);
      const result = (receipt: { entries: readonly { seq: number }[] }) =>
        receipt.entries.map(({ seq }) => seq);
      return { events: judge(view, nowMs).events, result };
    },
  });
  return [...made, ...(await carryOut(broker, request, Object.keys(state.grants) as GrantId[]))];
}

/** What a cut-off was written for is ended at the provider, and so is what carries it on. */
export async function carryOut(
  broker: Broker,
  request: RequestId,
  grants: readonly GrantId[],
): Promise<readonly number[]> {
  const made: number[] = [];
  for (const grant of grants) {
    made.push(...(await revokeAtProvider(broker, request, grant)));
    made.push(...(await cutOffExtensionsOf(broker, grant)));
  }
  return made;
}

/** Before the first policy nobody's identities are linked. */
const noHumans: Humans = {};

/** Of everybody it is for: their grants may be made between this look and the decision. */
const restsOn = (known: KnownPolicy | undefined, state: RequestState): readonly StreamId[] => [
  ...leftStreams(known?.policy ?? noHumans, [state.person, ...state.people]),
  ...extendedStreams(state),
];

function judgeCutOff(
  view: View,
  known: KnownPolicy | undefined,
  stream: StreamId,
  channel: string,
  nowMs: number,
): Judgement {
  const state = view.state(requestFold, stream);
  const extended = extendedGrant(view, state);
  const whoLeft = (person: string) => leftAs(view, known?.policy ?? noHumans, person);
  const causeFor = (grant: GrantState) => {
    const left = whoLeft(grant.person);
    if (left !== undefined) return { cause: 'person-left', about: left } as const;
    return extended === undefined || extended.revokeRequestedAtMs === null
      ? undefined
      : ({ cause: 'extended-grant-revoked', about: extended.grant } as const);
  };
  const { events } = decideCutOff({ state, channel, nowMs, causeFor });
  const asker = whoLeft(state.person);
  const cancelled = asker === undefined ? [] : decideCancel({ state, whoLeft: asker, nowMs }).events;
  return { events: [...events, ...cancelled] };
}
