import { type Humans, sameHuman } from '../policy/humans.ts';
import { lasts } from '../policy/membership.ts';
import { own } from '../policy/own.ts';
import type { Policy } from '../policy/policy.ts';
import type { BreakGlassUse } from './state.ts';

type Judging = Humans & Pick<Policy, 'groups' | 'entitlements' | 'administrators'>;

/**
 * The group that judges an emergency now: the one it was used under; where the policy in force has that no more, or it
 * means nobody but whoever had the emergency, the one that judges this entitlement's emergencies today; else the
 * administrators. A debt that nobody may review would lock its owner out for ever.
 */
export function whoJudges(
  policy: Judging,
  use: Pick<BreakGlassUse, 'reviewFrom' | 'entitlement'>,
  debtor: string,
  nowMs: number,
): string {
  const today = own(policy.entitlements, use.entitlement)?.break_glass?.review.from;
  const groups = [use.reviewFrom, ...(today === undefined ? [] : [today])];
  return groups.find((group) => meansAnother(policy, group, debtor, nowMs)) ?? policy.administrators.from;
}

/** Whom the identity provider puts into a group, the policy does not say; whom it lists itself, it does. */
function meansAnother(policy: Judging, name: string, debtor: string, nowMs: number): boolean {
  const group = own(policy.groups, name);
  if (group === undefined || !lasts(group.until, nowMs)) return false;
  return (
    group.people === undefined ||
    group.people.some(({ person, until }) => lasts(until, nowMs) && !sameHuman(policy, person, debtor))
  );
}
