import { humanOf } from '../humans.ts';
import { isMember, lasts } from '../membership.ts';
import { own } from '../own.ts';
import type { Policy, Stage } from '../policy.ts';

/**
 * The groups that may decide a stage: its own and whom it escalates to. Delegates do so for some days only, and what
 * rests on them is a dead end afterwards.
 */
export const groupsThatDecide = ({ from, escalate }: Stage): readonly string[] =>
  escalate === undefined ? [from] : [from, escalate.to];

/** The humans in these groups at `nowMs`; undefined when one of them is filled by an identity provider. */
export function listedHumans(
  policy: Policy,
  groups: readonly string[],
  nowMs: number,
): ReadonlySet<string> | undefined {
  const humans = new Set<string>();
  for (const name of groups) {
    const group = own(policy.groups, name);
    if (group === undefined || !lasts(group.until, nowMs)) continue;
    if (group.people === undefined) return undefined;
    for (const { person } of group.people) {
      const identity = { person, issuer: '', idp_groups: [] };
      if (isMember(policy, name, identity, nowMs)) humans.add(humanOf(policy, person));
    }
  }
  return humans;
}

/**
 * How many of the wanted signatures there are different humans for, one each: `wanted` holds, for each signature, who
 * could give it.
 */
export function signaturesThatCanBeHad(wanted: readonly ReadonlySet<string>[]): number {
  const signs = new Map<string, number>();
  return wanted.filter((_, at) => findSigner(wanted, at, signs, new Set())).length;
}

/** Kuhn's augmenting path: somebody already taken is asked to sign elsewhere. */
function findSigner(
  wanted: readonly ReadonlySet<string>[],
  at: number,
  signs: Map<string, number>,
  tried: Set<string>,
): boolean {
  for (const human of wanted[at] ?? []) {
    if (tried.has(human)) continue;
    tried.add(human);
    const taken = signs.get(human);
    if (taken === undefined || findSigner(wanted, taken, signs, tried)) {
      signs.set(human, at);
      return true;
    }
  }
  return false;
}
