import { own } from '../own.ts';
import type { Permission, Policy } from '../policy.ts';

/** Each permission of the entitlements that lead to AWS, with its pointer's steps. */
export function awsScopes(policy: Policy): readonly {
  readonly entitlement: string;
  readonly path: readonly (string | number)[];
  readonly permission: Permission;
}[] {
  return Object.entries(policy.entitlements)
    .filter(([, { targets }]) => targets.some((target) => own(policy.targets, target)?.provider === 'aws'))
    .flatMap(([entitlement, { scope }]) =>
      scope.map((permission, index) => ({
        entitlement,
        path: ['entitlements', entitlement, 'scope', index],
        permission,
      })),
    );
}
