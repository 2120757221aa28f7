import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error, warning } from './finding.ts';

const rule = 'only-what-is-built';

/**
 * The policy's form has room for what is planned; a policy that relies on it would promise what nobody keeps.
 */
export function onlyWhatIsBuilt(policy: Policy): readonly LintFinding[] {
  const factors = Object.entries(policy.factors)
    .filter(([, factor]) => factor === 'passkey')
    .map(([step]) => error(rule, ['factors', step], '`passkey` is not built yet: write `totp`.'));
  const emergencies = Object.entries(policy.entitlements)
    .filter(([, { break_glass }]) => break_glass?.without.includes('witness') === true)
    .map(([entitlement]) =>
      warning(
        rule,
        ['entitlements', entitlement, 'break_glass', 'without'],
        '`witness` changes nothing yet: no session waits for a witness, so none can be missing. Leave it out: `without: [ticket]`.',
      ),
    );
  return [...factors, ...emergencies];
}
