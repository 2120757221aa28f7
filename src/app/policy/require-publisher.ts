import type { Actor } from '../../domain/actor.ts';
import { publisherRules } from '../../domain/policy-change/publish.ts';
import { logFold } from '../../domain/policy-change/state.ts';
import { refuse } from '../../domain/refusal.ts';
import { firstBroken } from '../../domain/rule.ts';
import type { Broker } from '../broker.ts';
import { refusalStreams, refusalsState } from '../person/factor.ts';
import { commandOf } from '../prepared.ts';
import { requireInForce, underOnePolicy } from './policy-in-force.ts';
import { groupsUnder, publishersOf } from './publish-policy.ts';

/**
 * Asked before the file is read: parsing half a megabyte is work that nobody but a publisher may cause.
 * @throws Failure `refused-by-rule` `publisher-is-administrator`, recorded
 */
export const requirePublisher = (broker: Broker, actor: Actor): Promise<void> =>
  underOnePolicy(async () => {
    const nowMs = broker.clock.nowMs();
    const known = await broker.policies.inForceIfAny();
    const command = commandOf<void>({
      actor,
      streams: ['policy', 'log', ...refusalStreams(actor.person, nowMs)],
      factsAtMs: null,
      idempotency: undefined,
      about: undefined,
      judge(view, decidedAtMs) {
        requireInForce(view, known?.digest ?? null);
        const { publishers } = publishersOf(known, view.state(logFold, 'log'));
        const groups = groupsUnder(known, actor, decidedAtMs);
        const broken = firstBroken(publisherRules, { actor, groups, publishers });
        if (broken === undefined) return { events: [] };
        const refusals = refusalsState(view, actor.person, decidedAtMs);
        return refuse({ actor, attempted: 'publish', about: null, refusals, nowMs: decidedAtMs }, broken);
      },
      result: () => undefined,
    });
    await broker.sequencer.submit(command);
  });
