import type { PersonId } from '../ids.ts';
import { type Humans, sameHuman } from '../policy/humans.ts';
import { isAdministrator, type PublisherContext } from '../policy-change/publish.ts';
import type { Rule } from '../rule.ts';

/** Whoever may publish the policy records who has left and who is back: of others, and never of themselves. */
export const administratorRecordsLeaving: Rule<
  PublisherContext & { readonly about: PersonId; readonly humans: Humans }
> = {
  name: 'administrator-records-leaving',
  refuses(context) {
    const { actor, about, humans } = context;
    if (!isAdministrator(context)) return 'Administrators record who has left and who is back.';
    if (sameHuman(humans, actor.person, about))
      return 'Nobody records their own leaving or return. Ask another administrator.';
    return about.startsWith('p-')
      ? undefined
      : 'People leave; a workload is taken out of the policy, which ends what it may do.';
  },
};
