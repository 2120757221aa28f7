import type { By } from '../../domain/actor.ts';
import { type GrantId, type RequestId, streams } from '../../domain/ids.ts';
import { decideConfirm } from '../../domain/request/end.ts';
import { requestFold } from '../../domain/request/evolve.ts';
import type { RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import type { Command } from '../command.ts';
import type { Provider } from '../ports.ts';
import { grantIn } from './find-grant.ts';

/**
 * Carries out what the log already says: this grant is over. Confirmed at once where the provider can, else by the
 * passing of time. A provider that fails leaves the grant `revoking`, which is the truth, and is tried again.
 */
export async function revokeAtProvider(
  broker: Broker,
  request: RequestId,
  grant: GrantId,
): Promise<readonly number[]> {
  const stream = streams.request(request);
  const view = await broker.sequencer.read([stream]);
  const { state, grant: found } = grantIn(view, stream, grant);
  const over = found.endedAtMs !== null || found.revokeRequestedAtMs !== null;
  if (!over || found.revokeConfirmedAtMs !== null) return [];
  const sessions = Object.values(found.sessions)
    .filter(({ phase }) => phase !== 'failed')
    .map(({ session, cloudSession }) => ({ session, cloudSession }));
  try {
    const provider = await providerOfRequest(broker, state);
    const answer = await provider?.revoke(grant, sessions);
    return answer === 'confirmed' ? await confirm(broker, request, grant) : [];
  } catch (error) {
    broker.report({ what: `the revocation of ${grant} could not be carried out; it is tried again`, error });
    return [];
  }
}

/** The rule it was asked under says which provider holds it, even when the entitlement is gone since. */
export async function providerOfRequest(broker: Broker, state: RequestState): Promise<Provider | undefined> {
  const known = await broker.policies.byDigest(state.policyDigest);
  // All targets of an entitlement have one provider.
  const [target] = Object.values(known.rule(state.entitlement)?.rule.targets ?? {});
  const kind = target?.provider;
  return kind === undefined ? undefined : broker.providers.get(kind);
}

async function confirm(broker: Broker, request: RequestId, grant: GrantId): Promise<readonly number[]> {
  const stream = streams.request(request);
  const command: Command<readonly number[]> = {
    by: brokerItself(broker),
    streams: [stream],
    factsAtMs: null,
    decide(view, nowMs) {
      if (view.state(requestFold, stream).request === null) return { events: [], result: () => [] };
      const judged = decideConfirm({ ...grantIn(view, stream, grant), seen: 'introspection', nowMs });
      return { events: judged.events, result: ({ entries }) => entries.map(({ seq }) => seq) };
    },
  };
  return broker.sequencer.submit(command);
}

export const brokerItself = (broker: Broker): By => ({ kind: 'broker', broker: broker.id });
