import type { Rule } from '../../rule.ts';

/** Whoever has left asks, decides and opens nothing, and nothing is asked or decided for them. */
export const personHasNotLeft: Rule<{
  readonly actor: { readonly person: string };
  /** Of those whom this concerns: who has left, under whichever of their identities. */
  readonly peopleWhoLeft: readonly string[];
}> = {
  name: 'person-has-not-left',
  refuses({ actor, peopleWhoLeft }) {
    if (peopleWhoLeft.includes(actor.person))
      return 'An administrator has recorded that you have left. If that is wrong, have them record that you are back.';
    return peopleWhoLeft.length === 0
      ? undefined
      : `${peopleWhoLeft.join(', ')} has left, by an administrator’s record. Go on without them, or have it recorded that they are back: \`countersign person return\`.`;
  },
};
