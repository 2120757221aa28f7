import type { PersonId } from '../ids.ts';
import { type Humans, sameHuman } from '../policy/humans.ts';
import { isAdministrator, type PublisherContext } from '../policy-change/publish.ts';
import type { Rule } from '../rule.ts';

/** Whoever takes somebody's factors away decides who may enrol the next: two administrators do, and for another human. */
export const resetTakesTwoHumans: Rule<
  PublisherContext & {
    readonly about: PersonId;
    readonly humans: Humans;
    /** Who asked for it; null: it is being asked for. */
    readonly requestedBy: string | null;
    /** They have not left since and have the factor they asked with; true while it is being asked for. */
    readonly requesterStands: boolean;
  }
> = {
  name: 'reset-takes-two-humans',
  refuses(context) {
    const { actor, about, humans, requestedBy, requesterStands } = context;
    if (!isAdministrator(context)) return 'Administrators reset factors.';
    if (sameHuman(humans, actor.person, about))
      return 'Nobody has a part in the reset of their own factors. Ask two other administrators.';
    if (requestedBy !== null && sameHuman(humans, actor.person, requestedBy))
      return 'You asked for this reset; another administrator must confirm it.';
    if (!requesterStands)
      return 'Whoever asked for this reset has left since, or has lost the factor they asked with. Ask for it anew.';
    return about.startsWith('p-') ? undefined : 'Only people have factors.';
  },
};
