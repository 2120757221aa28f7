import type { Actor } from '../domain/actor.ts';
import type { RequestState } from '../domain/request/state.ts';
import type { KnownPolicy } from './policy/policy-in-force.ts';
import { groupsNow } from './prepared.ts';

/**
 * Whom a request exists for: its requester, those it is for, those whom its stages or its zone name, auditors and administrators. For
 * everybody else, and for every id that is made up, the answer is the same: not found.
 */
export function maySeeRequest(known: KnownPolicy, actor: Actor, state: RequestState, nowMs: number): boolean {
  if (state.person === actor.person || state.people.includes(actor.person)) return true;
  // What somebody's groups show them has to be their groups of now.
  if (actor.kind !== 'human' || actor.membership === 'cached') return false;
  const groups = groupsNow(known.policy, actor, nowMs);
  return [...concernedGroups(known, state), ...overseeingGroups(known)].some((group) =>
    groups.includes(group),
  );
}

function concernedGroups(known: KnownPolicy, state: RequestState): readonly string[] {
  const rule = known.rule(state.entitlement)?.rule;
  const emergency = rule?.break_glass == null ? [] : [rule.break_glass.review.from];
  return [
    ...state.stages.flatMap(({ from, escalate }) => (escalate === null ? [from] : [from, escalate.to])),
    ...(rule?.delegates ?? []).map(({ to }) => to),
    ...(rule === undefined ? [] : [rule.zone_owner]),
    ...emergency,
  ];
}

/** Who reads everything: the log is theirs to check. */
export const overseeingGroups = ({ policy }: KnownPolicy): readonly string[] => [
  policy.administrators.from,
  ...(policy.auditors === null ? [] : [policy.auditors.from]),
];
