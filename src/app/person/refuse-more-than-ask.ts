import type { Actor } from '../../domain/actor.ts';
import { byOf } from '../../domain/actor.ts';
import { streams } from '../../domain/ids.ts';
import { signInMayOnlyAsk } from '../../domain/person/sign-in-may-only-ask.ts';
import { signInFold } from '../../domain/person/state.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Broker } from '../broker.ts';
import { mayOnlyAsk } from '../prepared.ts';
import { refusalStreams, refusalsState } from './factor.ts';

const BROKEN = {
  rule: signInMayOnlyAsk.name,
  because: 'This sign-in was begun on a machine without a browser, so it may only ask.',
} as const;

/**
 * Somebody wants more of a sign-in than asking. That is written down, like every no: who was talked into letting a
 * stranger's machine in sees by it what the stranger tried.
 * @param isAct false: they only wanted to look, which leaves no entry
 * @throws Failure `refused-by-rule`, always
 */
export async function refuseMoreThanAsk(broker: Broker, actor: Actor, isAct: boolean): Promise<never> {
  const { person, signIn } = actor;
  if (isAct && signIn !== null) {
    const nowMs = broker.clock.nowMs();
    const stream = streams.signIn(signIn);
    await broker.sequencer.submit({
      by: byOf(actor),
      streams: [...refusalStreams(person, nowMs), stream],
      factsAtMs: null,
      decide(view, decidedAtMs) {
        const refusals = refusalsState(view, person, decidedAtMs);
        const isOver = view.state(signInFold, stream).signedOut;
        const attempt = { actor, attempted: 'more-than-ask', about: null } as const;
        const judged = refuse({ ...attempt, refusals, nowMs: decidedAtMs }, BROKEN);
        return { ...judged, events: isOver ? [] : judged.events, result: () => undefined };
      },
    });
  }
  throw mayOnlyAsk(BROKEN);
}
