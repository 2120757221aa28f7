import type { Actor } from '../actor.ts';
import type { PersonId } from '../ids.ts';
import { type Humans, sameHuman } from '../policy/humans.ts';
import type { Rule } from '../rule.ts';

/** Whoever says of somebody that it is them is not that human under another login. */
export const voucherIsAnotherHuman: Rule<{
  readonly actor: Actor;
  readonly forPerson: PersonId;
  readonly humans: Humans;
}> = {
  name: 'voucher-is-another-human',
  refuses({ actor, forPerson, humans }) {
    if (actor.kind !== 'human') return 'Only a person vouches for a person.';
    if (sameHuman(humans, actor.person, forPerson)) return 'Nobody vouches for themselves. Ask a colleague.';
    return forPerson.startsWith('p-') ? undefined : 'Only people have factors; a workload has its sponsor.';
  },
};
