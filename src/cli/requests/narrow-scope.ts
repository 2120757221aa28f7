import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import type { AskedPermission, NamedPermission } from '../option-values.ts';
import { printable } from '../output.ts';

/**
 * The permissions that `--only` means: an action by itself stands for that action wherever the scope has it. Whether
 * what is named lies within the scope is the broker's to judge.
 * @throws Ending `usage` for an action that the scope does not have
 */
export function permissionsNamed(
  scope: readonly AskedPermission[],
  only: readonly NamedPermission[],
): readonly AskedPermission[] {
  const named = only.flatMap(({ action, resource }) =>
    resource === null ? everywhere(scope, action) : [{ action, resource }],
  );
  return named.filter((one, at) => named.findIndex((other) => isSamePermission(one, other)) === at);
}

export const isSamePermission = (left: AskedPermission, right: AskedPermission): boolean =>
  left.action === right.action && left.resource === right.resource;

export const isSameScope = (left: readonly AskedPermission[], right: readonly AskedPermission[]): boolean =>
  left.length === right.length && left.every((one) => right.some((other) => isSamePermission(other, one)));

function everywhere(scope: readonly AskedPermission[], action: string): readonly AskedPermission[] {
  const found = scope.filter((permission) => permission.action === action);
  if (found.length > 0) return found.map(({ resource }) => ({ action, resource }));
  const actions = [...new Set(scope.map((permission) => permission.action))];
  throw new Ending(
    exitCode.usage,
    `The scope has no action “${printable(action)}”.`,
    `It has ${actions.map((one) => printable(one)).join(', ')}: --only ACTION or --only ACTION@RESOURCE.`,
  );
}
