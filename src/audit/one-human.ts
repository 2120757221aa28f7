import type { Policy } from '../domain/policy/policy.ts';
import type { AuditState } from './state.ts';

type Known = Pick<AuditState, 'policy'>;

/** By login: every login of the same human, as the policy names them together; a login it does not name is not here. */
export function loginsByHuman(policy: Policy | undefined): ReadonlyMap<string, readonly string[]> {
  const logins = new Map<string, readonly string[]>();
  for (const named of Object.values(policy?.humans ?? {})) {
    for (const login of named) logins.set(login, [...(logins.get(login) ?? []), ...named]);
  }
  return logins;
}

const loginsOf = ({ policy }: Known, person: string): readonly string[] =>
  policy?.logins.get(person) ?? [person];

/** The other logins of the same human. */
export const otherLoginsOf = (state: Known, person: string): readonly string[] =>
  loginsOf(state, person).filter((login) => login !== person);

/** Whether two identities are one human: the same, or named together by the policy in force. */
export const areOneHuman = (state: Known, one: string, other: string): boolean =>
  one === other || loginsOf(state, one).includes(other);

/** One of those that is the same human; undefined: none is. */
export function sameHumanAmong(state: Known, others: Iterable<string>, person: string): string | undefined {
  const logins = loginsOf(state, person);
  for (const other of others) if (other === person || logins.includes(other)) return other;
  return undefined;
}

/** Whether it is recorded that this human has left, under any of their identities, and not that they are back. */
export const hasLeft = (state: Known & Pick<AuditState, 'left'>, person: string): boolean =>
  state.left.size > 0 && loginsOf(state, person).some((login) => state.left.has(login));

/** Whether this human has left after that entry, under any of their identities, even if they are back since. */
export const hasLeftSince = (
  state: Known & Pick<AuditState, 'lastLeaving'>,
  person: string,
  seq: number,
): boolean => loginsOf(state, person).some((login) => (state.lastLeaving.get(login) ?? -1) > seq);
