import type { ResolvedRule } from '../../domain/policy/policy.ts';
import { isListed, isOver } from '../membership.ts';
import { otherLoginsOf } from '../one-human.ts';
import type { AuditState } from '../state.ts';

/**
 * Why somebody who signed may answer for a workload of this rule by another login. Only a group that lists its people
 * says that a login is not in it; of one that a provider tells, nobody can know for somebody who was not calling.
 */
export function sponsorByAnotherLogin(
  state: Pick<AuditState, 'policy'>,
  { workloads, groups }: Pick<ResolvedRule, 'workloads' | 'groups'>,
  person: string,
  atMs: number,
): string | undefined {
  const others = otherLoginsOf(state, person);
  for (const { sponsor } of Object.values(workloads)) {
    const group = groups[sponsor];
    if (group === undefined || isOver(group.until, atMs)) continue;
    const { people } = group;
    const found = others.find((login) => people === undefined || isListed(people, login, atMs));
    if (found !== undefined)
      return `${found}, another login of ${person}, may be in ${sponsor}, which answers for a workload`;
  }
  return undefined;
}
