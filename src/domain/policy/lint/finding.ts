import type { ActionCatalogue } from '../action-catalogue.ts';
import type { Policy } from '../policy.ts';

/** Something unwise or without meaning in a policy whose form is right. */
export interface LintFinding {
  /** An error keeps the policy from being published; a warning is shown to both administrators. */
  readonly severity: 'error' | 'warning';
  /** Stable: the name of the file that holds the rule. */
  readonly rule: string;
  /** RFC 6901 pointer into the Policy. */
  readonly pointer: string;
  /** What is wrong, why it matters, and what would be right. */
  readonly message: string;
}

export interface LintOptions {
  readonly nowMs: number;
  /** Names of the configured issuers of humans. undefined: not known here, so not checked. */
  readonly issuers?: readonly string[];
  /** Names of the configured issuers of workloads. */
  readonly workloadIssuers?: readonly string[];
  /** What AWS says of the actions that the policy names. undefined: it names none, or none is known here. */
  readonly catalogue?: ActionCatalogue | undefined;
}

export type LintRule = (policy: Policy, options: LintOptions) => readonly LintFinding[];

export function error(rule: string, path: readonly (string | number)[], message: string): LintFinding {
  return { severity: 'error', rule, pointer: pointerTo(path), message };
}

export function warning(rule: string, path: readonly (string | number)[], message: string): LintFinding {
  return { severity: 'warning', rule, pointer: pointerTo(path), message };
}

function pointerTo(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
