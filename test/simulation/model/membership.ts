import type { Policy } from '../../../src/domain/policy/policy.ts';
import type { World } from '../world.ts';

/**
 * How far apart a look at the world and the decision that rests on it may be, by clocks that may be wrong: two rounds
 * of 30 s, and a clock that a broker still believes (60 s).
 */
export const LOOK_MS = 150_000;
const DAY_MS = 86_400_000;

/** Whether this person was in one of the groups around that moment, by what the identity provider really said. */
export function wasInOne(
  world: World,
  policy: Policy,
  person: string,
  groups: readonly string[],
  atMs: number,
  slackMs = LOOK_MS,
): boolean {
  return groups.some((name) => {
    const group = policy.groups[name];
    if (group === undefined || !lasted(group.until, atMs)) return false;
    if (group.people !== undefined) return group.people.some((member) => member.person === person);
    return hadGroup(world, person, group.idp ?? '', atMs, slackMs);
  });
}

const lasted = (until: string | null, atMs: number): boolean =>
  until === null || atMs - LOOK_MS < Date.parse(`${until}T00:00:00.000Z`) + DAY_MS;

function hadGroup(world: World, person: string, group: string, atMs: number, slackMs: number): boolean {
  const history = [...world.people.values()].find((one) => one.person === person)?.groupHistory ?? [];
  return history.some(({ atMs: fromMs, groups }, at) => {
    const toMs = history[at + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    return groups.includes(group) && fromMs <= atMs + slackMs && toMs >= atMs - slackMs;
  });
}

/** One human is one human, under whichever login. */
export function human(policy: Policy, person: string): string {
  const linked = Object.entries(policy.humans ?? {}).find(([, identities]) => identities.includes(person));
  return linked?.[0] ?? person;
}

export const distinctHumans = (policy: Policy, people: readonly string[]): number =>
  new Set(people.map((person) => human(policy, person))).size;

/** All that a policy says of one entitlement, to be compared: what was approved under one text opens under no other. */
export function ruleText(policy: Policy, name: string): string {
  const rule = policy.entitlements[name];
  if (rule === undefined) return 'none';
  const stages = rule.review ?? [];
  const delegates = policy.delegates?.filter(({ for: group }) =>
    stages.some(({ from, escalate }) => group === from || group === escalate?.to),
  );
  const named = [
    ...rule.eligible,
    ...stages.flatMap(({ from, escalate }) => [from, ...(escalate === undefined ? [] : [escalate.to])]),
    ...(delegates ?? []).map(({ to }) => to),
  ];
  const groups = named.map((group) => policy.groups[group] ?? null);
  return JSON.stringify([rule, groups, delegates ?? [], policy.factors, policy.waiting, policy.tickets]);
}
