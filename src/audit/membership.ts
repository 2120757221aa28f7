import type { GroupMember, Policy } from '../domain/policy/policy.ts';
import type { JudgedEntry } from './audited-entry.ts';

type Groups = Pick<Policy, 'groups'>;

const DAY_MS = 86_400_000;

/** A day of the policy's (UTC) lasts until its last millisecond; what is no day is over. */
export const isOver = (until: string | null, atMs: number): boolean =>
  until !== null && !(atMs < Date.parse(`${until}T00:00:00.000Z`) + DAY_MS);

/**
 * Of the groups that an entry says somebody was in, those which they were in by the policy: it has the group, the
 * group is not over by then, and where it lists its people, they are among them.
 */
export function groupsHeld(
  policy: Groups,
  person: string,
  claimed: readonly string[],
  atMs: number,
): readonly string[] {
  return claimed.filter((name) => {
    const group = Object.hasOwn(policy.groups, name) ? policy.groups[name] : undefined;
    if (group === undefined || isOver(group.until, atMs)) return false;
    return group.people === undefined || isListed(group.people, person, atMs);
  });
}

export const isListed = (people: readonly GroupMember[], person: string, atMs: number): boolean =>
  people.some((member) => member.person === person && !isOver(member.until, atMs));

/** The names under which somebody may be eligible: a human's groups, a workload's own name. */
export function eligibleAs(
  policy: Pick<Policy, 'groups' | 'workloads'>,
  { data: { by, decided_at_ms } }: JudgedEntry,
  claimed: readonly string[],
): readonly string[] {
  return by.kind === 'human'
    ? groupsHeld(policy, by.person, claimed, decided_at_ms)
    : claimed.filter((name) => by.kind === 'workload' && Object.hasOwn(policy.workloads, name));
}
