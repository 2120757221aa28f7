import type { Law } from './law.ts';
import { human } from './membership.ts';

export const emergenciesAreReviewedOrBlock: Law = {
  name: 'emergencies-are-reviewed-or-block',
  *breaches(_world, history) {
    const uses = history.of('countersign.break-glass.used.v1');
    const reviews = history.of('countersign.break-glass.reviewed.v1');
    for (const use of uses) {
      const policy = history.policyBefore(use.seq);
      if (policy === undefined) continue;
      const owed = uses.filter(
        (earlier) =>
          earlier.seq < use.seq &&
          human(policy, earlier.person) === human(policy, use.person) &&
          earlier.incident !== use.incident &&
          earlier.review_by_ms <= use.decided_at_ms &&
          reviews.filter(({ request, seq }) => request === earlier.request && seq < use.seq).length <
            earlier.review_people,
      );
      for (const one of owed) yield `#${use.seq}: ${use.person} still owed the review of ${one.request}`;
    }
    for (const { seq, reviewer, person } of reviews) {
      const policy = history.policyBefore(seq);
      if (policy !== undefined && human(policy, reviewer) === human(policy, person))
        yield `#${seq}: ${reviewer} judged their own emergency`;
    }
  },
};
