import type { AuditState } from './state.ts';

/** Whether two identities are one human: the same, or named together by the policy in force. */
export function areOneHuman({ policy }: Pick<AuditState, 'policy'>, one: string, other: string): boolean {
  if (one === other) return true;
  const humans = policy?.policy?.humans;
  if (humans === undefined) return false;
  return Object.values(humans).some((logins) => logins.includes(one) && logins.includes(other));
}

/** One of those that is the same human; undefined: none is. */
export const sameHumanAmong = (
  state: Pick<AuditState, 'policy'>,
  others: Iterable<string>,
  person: string,
): string | undefined => [...others].find((other) => areOneHuman(state, other, person));

/** Whether this human has left after that entry, under any of their identities, even if they are back since. */
export function hasLeftSince(
  state: Pick<AuditState, 'policy' | 'lastLeaving'>,
  person: string,
  seq: number,
): boolean {
  for (const [gone, leftIn] of state.lastLeaving) {
    if (leftIn > seq && areOneHuman(state, gone, person)) return true;
  }
  return false;
}

/** Whether it is recorded that this human has left, under any of their identities, and not that they are back. */
export const hasLeft = (state: Pick<AuditState, 'policy' | 'left'>, person: string): boolean =>
  state.left.size > 0 && sameHumanAmong(state, state.left, person) !== undefined;
