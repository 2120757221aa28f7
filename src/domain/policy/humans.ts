import type { Policy } from './policy.ts';

/** What a policy says about who is one human under several identities. */
export type Humans = Pick<Policy, 'humans'>;

/** The policy's name of the human behind an identity, or the identity itself: two are one human when this is equal. */
export function humanOf(policy: Humans, person: string): string {
  for (const [name, identities] of Object.entries(policy.humans ?? {})) {
    // No person id looks like this, so that a human called like somebody's id is nobody's alias.
    if (identities.includes(person)) return `human ${name}`;
  }
  return person;
}

export const sameHuman = (policy: Humans, one: string, other: string): boolean =>
  one === other || humanOf(policy, one) === humanOf(policy, other);

/** Every identity of the human behind this one, itself first. */
export function identitiesOf(policy: Humans, person: string): readonly string[] {
  const human = humanOf(policy, person);
  const linked = Object.values(policy.humans ?? {})
    .flat()
    .filter((identity) => identity !== person && humanOf(policy, identity) === human);
  return [person, ...new Set(linked)];
}
