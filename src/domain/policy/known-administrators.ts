import { humanOf } from './humans.ts';
import { knownPeople, type SeenPerson, whoIsIn } from './plan/people-touched.ts';
import type { Policy } from './policy.ts';

/** How many different humans, of those listed and those seen, could publish under this policy at `nowMs`. */
export function knownAdministrators(policy: Policy, seen: readonly SeenPerson[], nowMs: number): number {
  const people = knownPeople([policy], seen);
  const holders = whoIsIn(policy, policy.administrators.from, people, nowMs);
  return new Set([...holders].map((person) => humanOf(policy, person))).size;
}
