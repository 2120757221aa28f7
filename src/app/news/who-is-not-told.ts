import { type Audience, channelsOf } from '../../domain/notice/notice.ts';
import type { Channel, Policy } from '../../domain/policy/policy.ts';
import type { Notifier } from '../notifier.ts';

const everyAudience: readonly Audience[] = [
  'reviewers',
  'break-glass-reviewers',
  'zone-owners',
  'requester',
  'administrators',
];

const channelsIn = (policy: Policy): ReadonlySet<Channel> =>
  new Set(everyAudience.flatMap((audience) => channelsOf(policy, audience)));

export const tellsAnybody = (policy: Policy): boolean => channelsIn(policy).size > 0;

/** For the operator: what a policy says of telling people and this broker does not do, a sentence each. */
export function whoIsNotTold(policy: Policy, notifiers: ReadonlyMap<Channel, Notifier>): readonly string[] {
  const missing = [...channelsIn(policy)].filter((channel) => !notifiers.has(channel));
  const hears = [...channelsOf(policy, 'zone-owners'), ...channelsOf(policy, 'break-glass-reviewers')];
  const hasBreakGlass = Object.values(policy.entitlements).some(({ break_glass }) => break_glass !== null);
  return [
    ...missing.map(
      (channel) =>
        `the policy tells people by ${channel}, for which this broker is not configured: they are not told (docs/notifications.md)`,
    ),
    ...(hasBreakGlass && hears.length === 0
      ? ['nobody hears when the glass is broken: the policy says nothing of it under notify']
      : []),
  ];
}
