import type { JudgedEntry } from '../audited-entry.ts';
import { groupsHeld } from '../membership.ts';
import type { AuditState } from '../state.ts';

/** Why somebody was no administrator then: by the policy in force, or by the genesis while there is none. */
export function noAdministrator(
  { data }: JudgedEntry,
  person: string,
  groups: readonly string[],
  { policy, genesis }: AuditState,
): string | undefined {
  if (data.by.kind !== 'human') return 'only a human acts as administrator';
  if (policy?.policy === undefined)
    return genesis?.administrators.has(person) ? undefined : `${person} is not named in the genesis`;
  const { from } = policy.policy.administrators;
  return groupsHeld(policy.policy, person, groups, data.decided_at_ms).includes(from)
    ? undefined
    : `${person} is not in ${from}`;
}
