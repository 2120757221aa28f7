import type { Permission } from './policy.ts';

/** Orders text by UTF-16 code units, the order of RFC 8785: the same on every machine, in every locale. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

type Place = Pick<Permission, 'action' | 'resource'>;

/** By resource, then action. */
export function comparePermissions(left: Place, right: Place): number {
  return compareText(left.resource, right.resource) || compareText(left.action, right.action);
}

/** From the least to the most that can be done with it. */
export const accessFromLeastToMost = ['read', 'write', 'destructive', 'credentials'] as const;

/**
 * The same permissions in the order of `comparePermissions`, each (action, resource) once, with its widest
 * access.
 */
export function orderedScope(permissions: readonly Permission[]): readonly Permission[] {
  if (isOrdered(permissions)) return permissions;
  const kept: Permission[] = [];
  for (const permission of permissions.toSorted(compareThenWidestFirst)) {
    const last = kept.at(-1);
    if (last === undefined || comparePermissions(last, permission) !== 0) {
      kept.push(permission);
    }
  }
  return kept;
}

/** Whether it is in that order already, each once. */
export const isOrdered = (permissions: readonly Permission[]): boolean =>
  permissions.every((permission, at) => {
    const before = permissions[at - 1];
    return before === undefined || comparePermissions(before, permission) < 0;
  });

/** The permission that lets more be done; the first when both are alike. */
export function widerAccess(left: Permission, right: Permission): Permission {
  return accessRank(right) > accessRank(left) ? right : left;
}

function compareThenWidestFirst(left: Permission, right: Permission): number {
  return comparePermissions(left, right) || accessRank(right) - accessRank(left);
}

function accessRank(permission: Permission): number {
  return accessFromLeastToMost.indexOf(permission.access);
}
