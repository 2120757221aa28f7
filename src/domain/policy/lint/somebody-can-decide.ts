import { humanOf } from '../humans.ts';
import { own } from '../own.ts';
import type { Entitlement, Policy, Stage } from '../policy.ts';
import { groupsThatDecide, listedHumans, signaturesThatCanBeHad } from './deciders.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error, warning } from './finding.ts';

const rule = 'somebody-can-decide';

/** A dead end: people could ask, and there is nobody who could ever decide. Only groups that list people show it. */
export function somebodyCanDecide(policy: Policy, { nowMs }: LintOptions): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, entitlement]) => [
    ...stagesOf(policy, name, entitlement, nowMs),
    ...workloadsOf(policy, name, entitlement, nowMs),
    ...breakGlassOf(policy, name, entitlement, nowMs),
  ]);
}

/** Every signature of every stage needs a human of its own, who is not the requester. */
function stagesOf(
  policy: Policy,
  name: string,
  entitlement: Entitlement,
  nowMs: number,
): readonly LintFinding[] {
  const path = ['entitlements', name, 'review'];
  const wanted = (entitlement.review ?? []).flatMap((stage) => signaturesOf(policy, stage, nowMs));
  const known = wanted.filter((humans) => humans !== undefined);
  if (known.length === 0) return [];
  if (signaturesThatCanBeHad(known) < known.length)
    return [error(rule, path, tooFew(known.length, signaturesThatCanBeHad(known)))];
  const askers = listedHumans(policy, eligibleGroups(policy, entitlement), nowMs) ?? new Set<string>();
  const stuck = [...askers].filter((asker) => {
    const others = known.map((humans) => new Set([...humans].filter((human) => human !== asker)));
    return signaturesThatCanBeHad(others) < others.length;
  });
  if (stuck.length === 0) return [];
  const isDeadEnd = stuck.length === askers.size && eligibleOnlyLists(policy, entitlement);
  return [
    (isDeadEnd ? error : warning)(
      rule,
      path,
      `Nobody signs off on their own request, so nobody is left to decide what ${stuck.join(', ')} ${stuck.length === 1 ? 'asks' : 'ask'} for. ` +
        'Add people to the reviewing group, or let it escalate: `escalate: { after: 10m, to: security-on-call }`.',
    ),
  ];
}

const signaturesOf = (policy: Policy, stage: Stage, nowMs: number) => {
  const humans = listedHumans(policy, groupsThatDecide(stage), nowMs);
  return Array.from({ length: stage.people }, () => humans);
};

const tooFew = (needs: number, has: number): string =>
  `${needs} different ${needs === 1 ? 'human has' : 'humans have'} to sign, and the reviewing groups have ${has === 0 ? 'nobody' : `only ${has}`} for it: every request would ` +
  'expire. Add people: `people: [p-…, p-…]`; or ask fewer: `{ people: 1, from: payments-leads }`.';

const eligibleGroups = (policy: Policy, { eligible }: Entitlement): readonly string[] =>
  eligible.filter((group) => own(policy.groups, group)?.people !== undefined);

const eligibleOnlyLists = (policy: Policy, { eligible }: Entitlement): boolean =>
  eligible.every((group) => own(policy.groups, group)?.people !== undefined);

/** Whoever sponsors a workload of the entitlement cannot review for it. */
function workloadsOf(
  policy: Policy,
  name: string,
  entitlement: Entitlement,
  nowMs: number,
): readonly LintFinding[] {
  const workloads = entitlement.eligible.filter((each) => own(policy.workloads, each) !== undefined);
  const sponsors = workloads.flatMap((each) => own(policy.workloads, each)?.sponsor ?? []);
  const [workload] = workloads;
  if (workload === undefined) return [];
  const at = (entitlement.review ?? []).findIndex((stage) => onlySponsors(policy, stage, sponsors, nowMs));
  if (at === -1) return [];
  const message =
    `Only sponsors of \`${workload}\` could decide this stage, and they cannot review for it: what it asks for would expire. ` +
    'Name another sponsor, or let it escalate: `escalate: { after: 10m, to: security-on-call }`.';
  const isDeadEnd = workloads.length === entitlement.eligible.length;
  return [(isDeadEnd ? error : warning)(rule, ['entitlements', name, 'review', at], message)];
}

function onlySponsors(policy: Policy, stage: Stage, sponsors: readonly string[], nowMs: number): boolean {
  const groups = groupsThatDecide(stage);
  if (groups.every((group) => sponsors.includes(group))) return true;
  const humans = listedHumans(policy, groups, nowMs);
  const sponsoring = listedHumans(policy, sponsors, nowMs);
  if (humans === undefined || sponsoring === undefined || humans.size === 0) return false;
  return [...humans].every((human) => sponsoring.has(human));
}

function breakGlassOf(
  policy: Policy,
  name: string,
  { break_glass, eligible }: Entitlement,
  nowMs: number,
): readonly LintFinding[] {
  if (break_glass === null) return [];
  const { from, people } = break_glass.review;
  const humans = listedHumans(policy, [from], nowMs);
  if (humans === undefined) return [];
  const named = (break_glass.named ?? []).map((person) => humanOf(policy, person));
  const listed = eligible.filter((group) => own(policy.groups, group)?.people !== undefined);
  const askers = new Set([...named, ...(listedHumans(policy, listed, nowMs) ?? [])]);
  const isStuck = (asker: string): boolean => humans.size - (humans.has(asker) ? 1 : 0) < people;
  if (humans.size >= people && ![...askers].some(isStuck)) return [];
  const isDeadEnd = humans.size < people || (listed.length === eligible.length && [...askers].every(isStuck));
  return [
    (isDeadEnd ? error : warning)(
      rule,
      ['entitlements', name, 'break_glass', 'review', 'from'],
      `An emergency is reviewed by ${people} of \`${from}\`, other than whoever broke the glass, and they are too few: the debt ` +
        'could never be paid. Add people: `people: [p-…, p-…]`; or name another group: `from: security-on-call`.',
    ),
  ];
}
