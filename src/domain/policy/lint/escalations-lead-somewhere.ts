import type { Policy } from '../policy.ts';
import { sayDuration } from '../say-duration.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** An escalation to the same people, or after the request is over, is one on paper only. */
export function escalationsLeadSomewhere(policy: Policy): readonly LintFinding[] {
  const waits = policy.waiting.review_seconds;
  return Object.entries(policy.entitlements).flatMap(([name, { review }]) =>
    (review ?? []).flatMap(({ from, escalate }, index) => {
      const path = ['entitlements', name, 'review', index, 'escalate'];
      if (escalate === undefined) return [];
      if (escalate.to === from) return [error('escalations-lead-somewhere', [...path, 'to'], toItself(from))];
      return escalate.after_seconds >= waits
        ? [
            error(
              'escalations-lead-somewhere',
              [...path, 'after_seconds'],
              tooLate(escalate.after_seconds, waits),
            ),
          ]
        : [];
    }),
  );
}

const toItself = (group: string): string =>
  `\`${group}\` decides this stage already, so it escalates to nobody. Name another group: \`escalate: { after: 10m, to: security-on-call }\`.`;

const tooLate = (after: number, waits: number): string =>
  `It would escalate after ${sayDuration(after)}, and a request expires after ${sayDuration(waits)} (\`waiting.review\`). ` +
  'Write a shorter time: `escalate: { after: 10m, to: security-on-call }`.';
