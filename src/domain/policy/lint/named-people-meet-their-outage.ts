import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** People are named for the day the identity provider is down; the one without the other opens nothing. */
export function namedPeopleMeetTheirOutage(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, { break_glass }]) => {
    const path = ['entitlements', name, 'break_glass'];
    const worksWithout = break_glass?.without.includes('identity-provider') ?? false;
    const isNamed = break_glass?.named !== undefined;
    if (isNamed && !worksWithout)
      return [
        error(
          'named-people-meet-their-outage',
          [...path, 'named'],
          'They are named for the day the identity provider is down, and this break-glass does not work then. ' +
            'Add it: `without: [identity-provider, ticket]`; or remove `named`.',
        ),
      ];
    return worksWithout && !isNamed
      ? [
          error(
            'named-people-meet-their-outage',
            [...path, 'without'],
            'While the identity provider is down only people named here may, and nobody is named. ' +
              'Example: `named: [p-mfrggzdfmztwq2lkmfrggzdfmz]` (`countersign whoami` shows the id).',
          ),
        ]
      : [];
  });
}
