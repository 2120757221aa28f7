import type { Permission } from '../domain/policy/policy.ts';
import { comparePermissions } from '../domain/policy/scope-order.ts';
import type { ScopeItems } from './file-schema.ts';
import type { Place, PolicyMistake } from './mistake.ts';
import { mistakeAt } from './mistake.ts';

/** As many as a person could still read before signing. */
export const MAX_PERMISSIONS = 500;

export interface PlacedPermission extends Permission {
  /** Where the file says so: for mistakes found later. */
  readonly place: Place;
}

/** One permission for each action on each resource, sorted; `placeOf` says where an item stands. */
export function expandScope(
  items: ScopeItems,
  placeOf: (index: number) => Place,
): { readonly permissions: readonly PlacedPermission[]; readonly mistakes: readonly PolicyMistake[] } {
  const count = items.reduce((sum, item) => sum + item.actions.length * resourcesOf(item).length, 0);
  if (count > MAX_PERMISSIONS) {
    const message = `${count} permissions are more than the ${MAX_PERMISSIONS} that a reviewer could read: split the entitlement.`;
    return { permissions: [], mistakes: [mistakeAt(placeOf(0), 'scope-too-large', message)] };
  }
  const all = items
    .flatMap((item, index) => permissionsOf(item, placeOf(index)))
    .toSorted(comparePermissions);
  const permissions: PlacedPermission[] = [];
  const mistakes: PolicyMistake[] = [];
  for (const permission of all) {
    const last = permissions.at(-1);
    if (last === undefined || comparePermissions(last, permission) !== 0) {
      permissions.push(permission);
    } else if (last.access !== permission.access) {
      mistakes.push(contradiction(last, permission));
    }
  }
  return { permissions, mistakes };
}

function permissionsOf(item: ScopeItems[number], place: Place): readonly PlacedPermission[] {
  return item.actions.flatMap((action) =>
    resourcesOf(item).map((resource) => ({ action, resource, access: item.access, place })),
  );
}

function resourcesOf(item: ScopeItems[number]): readonly string[] {
  return typeof item.on === 'string' ? [item.on] : item.on;
}

function contradiction(first: PlacedPermission, second: PlacedPermission): PolicyMistake {
  const { action, resource } = second;
  const message =
    `\`${action}\` on \`${resource}\` is called \`${first.access}\` in line ${first.place.line} and ` +
    `\`${second.access}\` here: it can be only one. Keep the one that lets more be done.`;
  return mistakeAt(second.place, 'scope-contradicts-itself', message);
}
