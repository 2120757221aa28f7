import { own } from '../own.ts';
import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error, warning } from './finding.ts';

const longestSeconds = 12 * 3_600;
/** AWS STS, AssumeRole: DurationSeconds is 900 at least. */
const awsShortestSeconds = 900;

/** What the provider cannot keep to, the policy must not promise. */
export function sessionsFitTheProvider(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, entitlement]) => {
    const providers = entitlement.targets.map((target) => own(policy.targets, target)?.provider);
    const provider = providers.includes('aws') ? 'aws' : providers[0];
    const limits = [
      { seconds: entitlement.at_most_seconds, path: ['entitlements', name, 'at_most_seconds'] },
      ...(entitlement.break_glass === null
        ? []
        : [
            {
              seconds: entitlement.break_glass.at_most_seconds,
              path: ['entitlements', name, 'break_glass', 'at_most_seconds'],
            },
          ]),
    ];
    return limits.flatMap(({ seconds, path }) => judge(provider, seconds, path));
  });
}

function judge(
  provider: string | undefined,
  seconds: number,
  path: readonly string[],
): readonly LintFinding[] {
  if (seconds > longestSeconds) {
    return [
      error(
        'sessions-fit-the-provider',
        path,
        'No provider opens anything longer than 12 hours. Example: `at_most: 1h`.',
      ),
    ];
  }
  const message =
    'AWS opens no session shorter than 15 minutes: its credentials outlive the grant, and only revoking stops them. ' +
    'Example: `at_most: 15m`.';
  return provider === 'aws' && seconds < awsShortestSeconds
    ? [warning('sessions-fit-the-provider', path, message)]
    : [];
}
