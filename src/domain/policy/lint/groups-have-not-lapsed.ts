import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';

const dayMs = 86_400_000;

/** A group past its last day means nobody, wherever it is named. */
export function groupsHaveNotLapsed(
  policy: Policy,
  { nowMs }: { readonly nowMs: number },
): readonly LintFinding[] {
  return Object.entries(policy.groups)
    .filter(([, { until }]) => until !== null && !(nowMs < Date.parse(`${until}T00:00:00.000Z`) + dayMs))
    .map(([name, { until }]) =>
      warning(
        'groups-have-not-lapsed',
        ['groups', name, 'until'],
        `\`${name}\` meant somebody until ${until} and means nobody now. Remove it, or write a later day.`,
      ),
    );
}
