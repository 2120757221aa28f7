import { own } from '../own.ts';
import type { Permission, Policy, Target } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** A scope is written in the provider's own words; in others it would allow nothing, or something else. */
export function scopeFitsTheProvider(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, { targets, scope }]) => {
    const details = targets.flatMap((target) => own(policy.targets, target) ?? []);
    return scope.flatMap((permission, index) => {
      const message = complaint(details, permission);
      return message === undefined
        ? []
        : [error('scope-fits-the-provider', ['entitlements', name, 'scope', index], message)];
    });
  });
}

function complaint(targets: readonly Target[], permission: Permission): string | undefined {
  const accounts = targets.flatMap((target) => (target.provider === 'aws' ? [target.account] : []));
  const isToken = targets.some(({ provider }) => provider === 'token');
  return (
    (accounts.length > 0 ? awsComplaint(accounts, permission) : undefined) ??
    (isToken ? tokenComplaint(permission) : undefined)
  );
}

function awsComplaint(accounts: readonly string[], { action, resource }: Permission): string | undefined {
  if (action === '*') {
    return '`*` is every action of AWS, those of tomorrow among them. Name a service at least: `rds:Describe*`.';
  }
  if (!/^[a-z0-9-]+:[A-Za-z0-9*?]+$/.test(action)) {
    return `\`${action}\` is not an IAM action. Example: \`rds:FailoverDBCluster\`.`;
  }
  if (resource === '*') {
    return undefined;
  }
  const parts = resource.split(':');
  if (parts[0] !== 'arn' || parts.length < 6) {
    return `\`${resource}\` is not an ARN. Example: \`arn:aws:rds:eu-west-1:${accounts[0]}:cluster:orders\`.`;
  }
  const named = parts[4] ?? '';
  return /^\d+$/.test(named) && !accounts.includes(named)
    ? `\`${resource}\` lies in account ${named}, the target in ${accounts.join(', ')}: the session could never reach it. ` +
        `Write \`${accounts[0]}\` in its place.`
    : undefined;
}

/**
 * Resource servers read a star at the end as a pattern and nothing else, so any other would only look like
 * one.
 */
function tokenComplaint({ action, resource }: Permission): string | undefined {
  const odd = [action, resource].find((text) => /[*?]/.test(text.replace(/\*$/, '')));
  return odd === undefined
    ? undefined
    : `\`${odd}\` looks like a pattern and is none: a star counts at the end only. Example: \`orders-export/batches/*\`.`;
}
