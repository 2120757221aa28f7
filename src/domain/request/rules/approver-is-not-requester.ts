import type { Rule } from '../../rule.ts';

export const approverIsNotRequester: Rule<{
  readonly actor: { readonly person: string };
  readonly state: { readonly person: string };
}> = {
  name: 'approver-is-not-requester',
  refuses: ({ actor, state }) =>
    actor.person === state.person ? 'Nobody signs off on their own request. Ask a colleague.' : undefined,
};
