import { type Humans, sameHuman } from '../../policy/humans.ts';
import type { Rule } from '../../rule.ts';

/** Nor anybody it is asked for; one human is one human, whichever login they use. */
export const approverIsNotRequester: Rule<{
  readonly actor: { readonly person: string };
  readonly state: { readonly person: string; readonly people: readonly string[] };
  readonly humans: Humans;
}> = {
  name: 'approver-is-not-requester',
  refuses({ actor, state, humans }) {
    if (sameHuman(humans, actor.person, state.person))
      return 'Nobody signs off on their own request. Ask a colleague.';
    return state.people.some((person) => sameHuman(humans, actor.person, person))
      ? 'This is asked for you, too: somebody who gets nothing from it must sign it off.'
      : undefined;
  },
};
