import type { Rule } from '../../rule.ts';

export const grantBelongsToTheCaller: Rule<{
  readonly actor: { readonly person: string };
  readonly grant: { readonly person: string };
}> = {
  name: 'grant-belongs-to-the-caller',
  refuses: ({ actor, grant }) =>
    actor.person === grant.person
      ? undefined
      : 'A grant is used by the person it was given to, and nobody else.',
};
