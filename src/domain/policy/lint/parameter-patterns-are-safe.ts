import { patternMisfit } from '../parameters.ts';
import type { Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** Anchored, quick on every value, and of a language a reviewer can read. */
export function parameterPatternsAreSafe(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, { parameters }]) =>
    Object.entries(parameters ?? {}).flatMap(([parameter, { pattern }]) => {
      const because = patternMisfit(pattern);
      return because === undefined
        ? []
        : [
            error(
              'parameter-patterns-are-safe',
              ['entitlements', name, 'parameters', parameter, 'pattern'],
              `\`${pattern}\` cannot be used: ${because}. Example: \`pattern: "^[0-9]{1,10}$"\`.`,
            ),
          ];
    }),
  );
}
