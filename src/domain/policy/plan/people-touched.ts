import { isMember } from '../membership.ts';
import type { Policy, ResolvedRule } from '../policy.ts';
import { compareText } from '../scope-order.ts';

/** Somebody who has signed in, and the provider's groups as last told. */
export interface SeenPerson {
  readonly person: string;
  readonly issuer: string;
  readonly idp_groups: readonly string[];
}

/** Everybody a plan can speak of: whom the policies list, and who was seen. */
export function knownPeople(
  policies: readonly (Policy | null)[],
  seen: readonly SeenPerson[],
): readonly SeenPerson[] {
  const listed = policies
    .flatMap((policy) => Object.values(policy?.groups ?? {}))
    .flatMap(({ people }) => people ?? [])
    .map(({ person }) => ({ person, issuer: '', idp_groups: [] }));
  const byId = new Map([...listed, ...seen].map((each) => [each.person, each]));
  return [...byId.values()].toSorted((left, right) => compareText(left.person, right.person));
}

/** Who of them may ask for it at `nowMs`. */
export const whoMayAsk = (
  rule: ResolvedRule | undefined,
  people: readonly SeenPerson[],
  nowMs: number,
): ReadonlySet<string> =>
  new Set(
    people
      .filter((person) => rule?.eligible.some((group) => isMember(rule, group, person, nowMs)) === true)
      .map(({ person }) => person),
  );

/** Who of them is in that group at `nowMs`. */
export const whoIsIn = (
  policy: Policy | null,
  group: string | undefined,
  people: readonly SeenPerson[],
  nowMs: number,
): ReadonlySet<string> =>
  new Set(
    people
      .filter((person) => policy !== null && group !== undefined && isMember(policy, group, person, nowMs))
      .map(({ person }) => person),
  );
