import { own } from '../own.ts';
import type { AwakeHours, Policy } from '../policy.ts';
import { sayDuration } from '../say-duration.ts';
import { type Gap, gapsOf } from './awake-hours.ts';
import { groupsThatDecide } from './deciders.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { warning } from './finding.ts';

const MOST_NAMED = 5;

/**
 * Hours of the week at which nobody who may decide is awake, by what their groups say of themselves. A group that says
 * nothing counts as awake: nobody knows better.
 */
export function somebodyIsAwake(policy: Policy, { nowMs }: LintOptions): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, { review, break_glass }]) => {
    const path = ['entitlements', name];
    const stages = (review ?? []).flatMap((stage, index) => {
      const groups = groupsThatDecide(stage);
      return asleep(policy, groups, nowMs, ({ gaps, told }) => {
        const lost = gaps.some(({ seconds }) => seconds >= policy.waiting.review_seconds)
          ? ` A request expires after ${sayDuration(policy.waiting.review_seconds)}, before anybody wakes.`
          : '';
        const message = `Nobody of ${groups.join(', ')} is awake ${told}, so nobody could decide this stage then.${lost} ${mend(break_glass !== null)}`;
        return warning('somebody-is-awake', [...path, 'review', index], message);
      });
    });
    const after = break_glass?.review;
    const emergency =
      after === undefined
        ? []
        : asleep(policy, [after.from], nowMs, ({ gaps, told }) =>
            gaps.some(({ seconds }) => seconds >= after.within_seconds)
              ? warning(
                  'somebody-is-awake',
                  [...path, 'break_glass', 'review', 'within_seconds'],
                  `Nobody of ${after.from} is awake ${told}: an emergency then could not be reviewed within ${sayDuration(after.within_seconds)}. ` +
                    'Allow more time: `within: 72h`.',
                )
              : undefined,
          );
    return [...stages, ...emergency];
  });
}

const mend = (hasBreakGlass: boolean): string =>
  hasBreakGlass
    ? 'Only break-glass gets in then; or let it escalate: `escalate: { after: 10m, to: security-on-call }`.'
    : 'Let it escalate to somebody who is: `escalate: { after: 10m, to: security-on-call }`.';

interface Asleep {
  readonly gaps: readonly Gap[];
  readonly told: string;
}

function asleep(
  policy: Policy,
  groups: readonly string[],
  nowMs: number,
  say: (found: Asleep) => LintFinding | undefined,
): readonly LintFinding[] {
  const hours = groups.map((group) => own(policy.groups, group)?.awake);
  const known = hours.filter((each) => each !== undefined);
  if (known.length < hours.length || !known.every(isReadable)) return [];
  const gaps = gapsOf(known, nowMs);
  const finding =
    gaps.length === 0 ? undefined : say({ gaps, told: tell(gaps, known[0]?.time_zone ?? 'UTC') });
  return finding === undefined ? [] : [finding];
}

/** A time zone that this machine does not know was refused where the file was read. */
const isReadable = ({ time_zone }: AwakeHours): boolean => time_zone !== '';

function tell(gaps: readonly Gap[], timeZone: string): string {
  const named = gaps.slice(0, MOST_NAMED).map(({ from, to }) => `${from} to ${to}`);
  const more = gaps.length > MOST_NAMED ? ` and ${gaps.length - MOST_NAMED} times more` : '';
  const hours = gaps.reduce((sum, { seconds }) => sum + seconds, 0) / 3_600;
  return `${named.join(', ')}${more} (${timeZone}; ${hours} of the week’s 168 hours)`;
}
