import type { LintOptions } from '../domain/policy/lint.ts';
import { lintPolicy } from '../domain/policy/lint.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { PolicyMistake } from './mistake.ts';
import { mistakeAt } from './mistake.ts';
import type { PolicyFileInput } from './parse.ts';
import { parsePolicyFile } from './parse.ts';

export type PolicyFinding = PolicyMistake & { readonly severity: 'error' | 'warning' };

/**
 * Parses and lints. `policy` is there only when no finding is an error, so whoever has it may publish it;
 * the findings then are warnings.
 */
export function checkPolicyFile(
  input: PolicyFileInput,
  options: LintOptions,
): { readonly policy: Policy | undefined; readonly findings: readonly PolicyFinding[] } {
  const parsed = parsePolicyFile(input);
  if (parsed.policy === undefined) {
    return {
      policy: undefined,
      findings: parsed.mistakes.map((mistake) => ({ ...mistake, severity: 'error' as const })),
    };
  }
  const findings = lintPolicy(parsed.policy, options)
    .map(({ severity, rule, pointer, message }) => ({
      ...mistakeAt(parsed.placeOf(pointer), rule, message),
      severity,
    }))
    .toSorted((left, right) => left.line - right.line || left.column - right.column);
  const isSound = findings.every((finding) => finding.severity === 'warning');
  return { policy: isSound ? parsed.policy : undefined, findings };
}
