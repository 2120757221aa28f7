import type { Actor } from '../../domain/actor.ts';
import { type GrantId, streams } from '../../domain/ids.ts';
import { decideRevoke, revokeRight } from '../../domain/request/revoke.ts';
import type { RequestState } from '../../domain/request/state.ts';
import type { Broker } from '../broker.ts';
import { refusalStreams, refusalsState } from '../person/factor.ts';
import { requireInForce, underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf, groupsNow } from '../prepared.ts';
import { maySeeRequest } from '../visibility.ts';
import { cutOffExtensionsOf } from './cut-off-grants.ts';
import { grantIn, notFound, requestOfGrant } from './find-grant.ts';
import { providerOfRequest, revokeAtProvider } from './revoke-at-provider.ts';

export interface Revoked {
  /** `revoking`: requested, and what was issued still works until it ends by itself. */
  readonly status: 'revoked' | 'revoking';
  readonly outlives: string | null;
  readonly entries: readonly number[];
}

/** Takes somebody's access away, at once where the cloud can. */
export const revokeGrant = (broker: Broker, actor: Actor, grant: GrantId, reason: string): Promise<Revoked> =>
  underOnePolicy(() => revokeOnce(broker, actor, grant, reason));

async function revokeOnce(broker: Broker, actor: Actor, grant: GrantId, reason: string): Promise<Revoked> {
  const nowMs = broker.clock.nowMs();
  const request = await requestOfGrant(broker, grant);
  const known = await broker.policies.inForce();
  const stream = streams.request(request);
  const { state } = grantIn(await broker.sequencer.read([stream]), stream, grant);
  const rightIn = (of: RequestState, atMs: number) =>
    revokeRight({
      actor,
      groups: groupsNow(known.policy, actor, atMs),
      state: of,
      rule: known.rule(of.entitlement)?.rule,
      administrators: known.policy.administrators.from,
    });
  // Whoever may stop it learns of it, also on what the identity provider said before it went down.
  const isTheirs = rightIn(state, nowMs) !== undefined || maySeeRequest(known, actor, state, nowMs);
  if (!isTheirs) throw notFound('grant');
  // A provider that is configured no more cannot end anything now, and must not keep anybody from asking for it.
  const provider = await providerOfRequest(broker, state);
  const requested = await broker.sequencer.submit(
    commandOf<readonly number[]>({
      actor,
      streams: ['policy', stream, ...refusalStreams(actor.person, nowMs)],
      factsAtMs: null,
      idempotency: undefined,
      about: undefined,
      judge(view, decidedAtMs) {
        requireInForce(view, known.digest);
        const found = grantIn(view, stream, grant);
        return decideRevoke({
          ...found,
          actor,
          groups: groupsNow(known.policy, actor, decidedAtMs),
          right: rightIn(found.state, decidedAtMs),
          channel: provider?.revocationChannel ?? 'none',
          reason,
          refusals: refusalsState(view, actor.person, decidedAtMs),
          nowMs: decidedAtMs,
        });
      },
      result: ({ entries }) => entries.map(({ seq }) => seq),
    }),
  );
  const confirmed = await revokeAtProvider(broker, request, grant);
  const followed = await cutOffExtensionsOf(broker, grant);
  const after = grantIn(await broker.sequencer.read([stream]), stream, grant).grant;
  return {
    status: after.revokeConfirmedAtMs === null ? 'revoking' : 'revoked',
    outlives:
      provider === undefined ? 'What was issued works until it expires.' : provider.outlivesRevocation,
    entries: [...requested, ...confirmed, ...followed],
  };
}
