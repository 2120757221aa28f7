import type { Rule } from '../../rule.ts';
import type { RequestState } from '../state.ts';

export const requestBelongsToTheCaller: Rule<{
  readonly actor: { readonly person: string };
  readonly state: Pick<RequestState, 'person' | 'people'>;
}> = {
  name: 'request-belongs-to-the-caller',
  refuses: ({ actor, state }) =>
    state.person === actor.person || state.people.includes(actor.person)
      ? undefined
      : 'Only who asked for it, or whom it is for, reminds its reviewers.',
};
