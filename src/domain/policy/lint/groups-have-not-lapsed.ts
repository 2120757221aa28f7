import { lasts } from '../membership.ts';
import type { Policy } from '../policy.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { warning } from './finding.ts';

const rule = 'groups-have-not-lapsed';

/** A group past its last day means nobody, wherever it is named; so does a member past theirs. */
export function groupsHaveNotLapsed(policy: Policy, { nowMs }: LintOptions): readonly LintFinding[] {
  return Object.entries(policy.groups).flatMap(([name, { until, people }]) => {
    if (!lasts(until, nowMs)) {
      const message = `\`${name}\` meant somebody until ${until} and means nobody now. Remove it, or write a later day: \`until: 2027-03-31\`.`;
      return [warning(rule, ['groups', name, 'until'], message)];
    }
    return (people ?? []).flatMap((member, index) =>
      lasts(member.until, nowMs)
        ? []
        : [
            warning(
              rule,
              ['groups', name, 'people', index],
              `\`${member.person}\` was in \`${name}\` until ${member.until} and is not now. Remove them, or write a later day: \`until: 2027-03-31\`.`,
            ),
          ],
    );
  });
}
