import type { Rule } from '../../rule.ts';
import { GRANTS_ALLOWED } from '../approve.ts';
import { type SubmitContext, targetsAsked } from '../submit-context.ts';

/** A request may be for others, each of whom opens with a factor of their own; an emergency is one's own. */
export const peopleAreNamedOnce: Rule<SubmitContext> = {
  name: 'people-are-named-once',
  refuses(context) {
    const people = context.tickets.map(({ person }) => person);
    const { actor, asked } = context;
    const isForOthers = people.length !== 1 || people[0] !== actor.person;
    if (isForOthers && actor.kind !== 'human') return 'A workload asks for itself only.';
    if (isForOthers && asked.breakGlass)
      return 'Everybody breaks the glass for themselves: ask for yourself only.';
    if (people.some((person, at) => people.indexOf(person) !== at)) return 'Somebody is named twice.';
    if (people.some((person) => !person.startsWith('p-')) && isForOthers)
      return 'Access is asked for people; a workload asks for itself.';
    return people.length * targetsAsked(context).length <= GRANTS_ALLOWED
      ? undefined
      : `A request becomes at most ${GRANTS_ALLOWED} grants (people times targets); ask in parts.`;
  },
};
