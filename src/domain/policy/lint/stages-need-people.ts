import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** A stage that nobody has to sign is access without a review under another name. */
export function stagesNeedPeople(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, { review, break_glass }]) => {
    const stages = (review ?? []).map(({ people }, index) => ({ people, path: ['review', index, 'people'] }));
    const after =
      break_glass === null
        ? []
        : [{ people: break_glass.review.people, path: ['break_glass', 'review', 'people'] }];
    const empty = review?.length === 0 ? [{ people: 0, path: ['review'] }] : [];
    return [...empty, ...stages, ...after]
      .filter(({ people }) => !(people >= 1))
      .map(({ path }) =>
        error(
          'stages-need-people',
          ['entitlements', name, ...path],
          'A review that needs nobody is none. Example: `{ people: 1, from: payments-leads }`; where none is meant, ' +
            'write `review: not-required`.',
        ),
      );
  });
}
