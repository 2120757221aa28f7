import type { PersonId } from '../ids.ts';
import { type Humans, humanOf, sameHuman } from '../policy/humans.ts';
import type { Rule } from '../rule.ts';

/** An administrator whom the policy, or the genesis, lists by their id. */
export interface ListedAdministrator {
  readonly person: string;
  readonly left: boolean;
}

/**
 * Where administrators are listed one by one, nobody else can ever become one without their publishing. One of them
 * alone must not be able to make the others too few for it. Where a provider tells who is one, it can name others.
 */
export const publishingStaysPossible: Rule<{
  readonly about: PersonId;
  readonly humans: Humans;
  /** null: the identity provider tells who is an administrator. */
  readonly listed: readonly ListedAdministrator[] | null;
  /** Distinct humans. */
  readonly publishNeeds: number;
}> = {
  name: 'publishing-stays-possible',
  refuses({ about, humans, listed, publishNeeds }) {
    if (listed === null || !listed.some(({ person }) => sameHuman(humans, person, about))) return undefined;
    const staying = listed.filter(({ person, left }) => !left && !sameHuman(humans, person, about));
    const count = new Set(staying.map(({ person }) => humanOf(humans, person))).size;
    return count >= publishNeeds
      ? undefined
      : `Publishing needs ${publishNeeds} administrators, and ${count} would be left. Publish a policy that names others first; until then have the identity provider lock them out.`;
  },
};
