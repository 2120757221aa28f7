import type { Policy } from '../policy.ts';
import { sayDuration } from '../say-duration.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';

/** A start that may pass while the request still waits for its review helps nobody to plan. */
export function schedulesOutlastReviews({ waiting }: Policy): readonly LintFinding[] {
  const { schedule_seconds: schedule, review_seconds: review } = waiting;
  return schedule === undefined || schedule >= review
    ? []
    : [
        warning(
          'schedules-outlast-reviews',
          ['waiting', 'schedule_seconds'],
          `A start lies at most ${sayDuration(schedule)} ahead, while a review may take ${sayDuration(review)}: it would often ` +
            'be decided after its start. Example: `schedule: 7d`.',
        ),
      ];
}
