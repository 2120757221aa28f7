import type { Rule } from '../../rule.ts';

export const reviewerIsHuman: Rule<{ readonly actor: { readonly kind: 'human' | 'workload' } }> = {
  name: 'reviewer-is-human',
  refuses: ({ actor }) =>
    actor.kind === 'human' ? undefined : 'A workload may ask and open; people sign off.',
};
