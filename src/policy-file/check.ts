import type { ActionCatalogue } from '../domain/policy/action-catalogue.ts';
import type { LintOptions } from '../domain/policy/lint.ts';
import { lintPolicy } from '../domain/policy/lint.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { PolicyMistake } from './mistake.ts';
import { mistakeAt } from './mistake.ts';
import type { PolicyFileInput } from './parse.ts';
import { parsePolicyFile } from './parse.ts';

export type PolicyFinding = PolicyMistake & { readonly severity: 'error' | 'warning' };

export interface CheckedPolicyFile {
  /** There only when no finding is an error, so whoever has it may publish it; the findings then are warnings. */
  readonly policy: Policy | undefined;
  readonly findings: readonly PolicyFinding[];
  /** The catalogue its cloud actions were looked up in; null: it names none, or its form is wrong. */
  readonly catalogue: string | null;
}

export interface CheckOptions extends Omit<LintOptions, 'catalogue'> {
  /** What the cloud says of the actions that a policy names. Left out: they are not looked up. */
  readonly loadCatalogue?: (policy: Policy) => Promise<ActionCatalogue | undefined>;
}

/** Parses and lints. */
export async function checkPolicyFile(
  input: PolicyFileInput,
  options: CheckOptions,
): Promise<CheckedPolicyFile> {
  const parsed = parsePolicyFile(input);
  if (parsed.policy === undefined) {
    return {
      policy: undefined,
      findings: parsed.mistakes.map((mistake) => ({ ...mistake, severity: 'error' as const })),
      catalogue: null,
    };
  }
  const catalogue = await options.loadCatalogue?.(parsed.policy);
  const findings = lintPolicy(parsed.policy, { ...options, catalogue })
    .map(({ severity, rule, pointer, message }) => ({
      ...mistakeAt(parsed.placeOf(pointer), rule, message),
      severity,
    }))
    .toSorted((left, right) => left.line - right.line || left.column - right.column);
  const isSound = findings.every((finding) => finding.severity === 'warning');
  return {
    policy: isSound ? parsed.policy : undefined,
    findings,
    catalogue: catalogue?.version ?? null,
  };
}
