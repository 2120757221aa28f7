import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/**
 * The policy's form has room for what is planned; a policy that relies on it would promise what nobody keeps.
 */
export function onlyWhatIsBuilt(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.factors)
    .filter(([, factor]) => factor === 'passkey')
    .map(([step]) =>
      error('only-what-is-built', ['factors', step], '`passkey` is not built yet: write `totp`.'),
    );
}
