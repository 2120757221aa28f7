import { own } from '../own.ts';
import type { Entitlement, Permission, Policy } from '../policy.ts';

/** The zone whose name lint takes at its word. */
const productionZone = 'production';

/** The entitlements with a target in the zone named `production`. */
export function productionEntitlements(
  policy: Policy,
): readonly (readonly [name: string, entitlement: Entitlement])[] {
  return Object.entries(policy.entitlements).filter(([, { targets }]) =>
    targets.some((target) => own(policy.targets, target)?.zone === productionZone),
  );
}

/** Anything but reading: writing, destroying, and reading what lets its reader in elsewhere. */
export function isMoreThanReading(permission: Permission): boolean {
  return permission.access !== 'read';
}
