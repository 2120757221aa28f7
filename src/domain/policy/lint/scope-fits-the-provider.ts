import { own } from '../own.ts';
import type { Permission, Policy, Target } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

/** A scope is written in the provider's own words; in others it would allow nothing, or something else. */
export function scopeFitsTheProvider(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, { target, scope }]) => {
    const detail = own(policy.targets, target);
    return scope.flatMap((permission, index) => {
      const message = detail && complaint(detail, permission);
      return message === undefined
        ? []
        : [error('scope-fits-the-provider', ['entitlements', name, 'scope', index], message)];
    });
  });
}

function complaint(target: Target, permission: Permission): string | undefined {
  return target.provider === 'aws' ? awsComplaint(target.account, permission) : tokenComplaint(permission);
}

function awsComplaint(account: string, { action, resource }: Permission): string | undefined {
  if (action !== '*' && !/^[a-z0-9-]+:[A-Za-z0-9*?]+$/.test(action)) {
    return `\`${action}\` is not an IAM action. Example: \`rds:FailoverDBCluster\`.`;
  }
  if (resource === '*') {
    return undefined;
  }
  const parts = resource.split(':');
  if (parts[0] !== 'arn' || parts.length < 6) {
    return `\`${resource}\` is not an ARN. Example: \`arn:aws:rds:eu-west-1:${account}:cluster:orders\`.`;
  }
  const named = parts[4] ?? '';
  return /^\d+$/.test(named) && named !== account
    ? `\`${resource}\` lies in account ${named}, the target in ${account}: the session could never reach it.`
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
