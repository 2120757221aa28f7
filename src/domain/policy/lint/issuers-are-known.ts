import { suggestion } from '../did-you-mean.ts';
import type { Policy } from '../policy.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error } from './finding.ts';

/** An issuer that is not configured vouches for nobody, and with several a group must say whose it is. */
export function issuersAreKnown(
  policy: Policy,
  { issuers, workloadIssuers }: LintOptions,
): readonly LintFinding[] {
  const groups = Object.entries(policy.groups).flatMap(([name, { issuer }]) =>
    issuers === undefined ? [] : finding(['groups', name], groupComplaint(issuer, issuers)),
  );
  const workloads = Object.entries(policy.workloads).flatMap(([name, { issuer }]) =>
    workloadIssuers === undefined || workloadIssuers.includes(issuer)
      ? []
      : finding(['workloads', name, 'issuer'], unknownIssuer(issuer, workloadIssuers)),
  );
  return [...groups, ...workloads];
}

function groupComplaint(issuer: string | null, issuers: readonly string[]): string | undefined {
  if (issuer !== null) {
    return issuers.includes(issuer) ? undefined : unknownIssuer(issuer, issuers);
  }
  return issuers.length > 1
    ? `Several issuers are configured (${issuers.join(', ')}), and any of them could say who is in this group. ` +
        'Example: `{ issuer: corp, group: eng-payments }`.'
    : undefined;
}

function unknownIssuer(issuer: string, issuers: readonly string[]): string {
  return `No issuer \`${issuer}\` is configured.${suggestion(issuer, issuers)} Configured: ${issuers.join(', ') || 'none'}.`;
}

function finding(path: readonly string[], message: string | undefined): readonly LintFinding[] {
  return message === undefined ? [] : [error('issuers-are-known', path, message)];
}
