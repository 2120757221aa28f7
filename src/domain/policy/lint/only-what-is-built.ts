import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/**
 * The policy's form has room for what is planned; a policy that relies on it would promise what nobody keeps.
 */
export function onlyWhatIsBuilt(policy: Policy): readonly LintFinding[] {
  const factors = Object.entries(policy.factors)
    .filter(([, factor]) => factor === 'passkey')
    .map(([step]) =>
      error('only-what-is-built', ['factors', step], '`passkey` is not built yet: write `totp`.'),
    );
  const witnesses = Object.entries(policy.entitlements)
    .filter(([, { break_glass }]) => break_glass?.without.includes('witness'))
    .map(([name]) =>
      error(
        'only-what-is-built',
        ['entitlements', name, 'break_glass', 'without'],
        '`witness` is not built yet: write `without: [ticket]`.',
      ),
    );
  return [...factors, ...witnesses];
}
