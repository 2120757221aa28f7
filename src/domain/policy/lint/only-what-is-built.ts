import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { warning } from './finding.ts';

/**
 * The policy's form has room for what is planned; a policy that relies on it would promise what nobody keeps.
 */
export function onlyWhatIsBuilt(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements)
    .filter(([, { break_glass }]) => break_glass?.without.includes('witness') === true)
    .map(([entitlement]) =>
      warning(
        'only-what-is-built',
        ['entitlements', entitlement, 'break_glass', 'without'],
        '`witness` changes nothing yet: no session waits for a witness, so none can be missing. Leave it out: `without: [ticket]`.',
      ),
    );
}
