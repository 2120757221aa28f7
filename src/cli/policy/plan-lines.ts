import type { PolicyPlan } from '../../domain/policy/plan/policy-plan.ts';
import { printable } from '../output.ts';

/** As the broker answers it: a plan of the domain, in JSON. */
export type Plan = PolicyPlan;
type Change = Plan['changes'][number];
type People = Plan['administrators'];
type Actions = Change['actions_gained'];

/** Who gains and who loses, in people and actions, and what becomes looser: what an administrator is about to sign. */
export function planLines(plan: Plan): readonly string[] {
  const lines = [
    ...(plan.administrators_changed ? ['! who may publish a policy changes'] : []),
    ...peopleLines(plan.administrators, 'may publish', 'no longer publish'),
    ...(plan.auditors_changed ? ['! who may read the log changes'] : []),
    ...peopleLines(plan.auditors, 'may read the log', 'no longer read the log'),
    ...plan.loosened.map((says) => `! looser     ${printable(says)}`),
    ...plan.tightened.map((says) => `  tighter    ${printable(says)}`),
    ...plan.changes.flatMap(changeLines),
    ...(plan.groups.length > 0 ? [`~ groups  ${names(plan.groups)}`] : []),
    ...(plan.sections.length > 0 ? [`  parts that differ  ${names(plan.sections)}`] : []),
    ...lapseLines(plan.lapses),
  ];
  return lines.length > 0 ? [...lines, ...footLines(plan)] : ['  nothing changes'];
}

const marks = { added: '+', removed: '-', changed: '~' } as const;

function changeLines(change: Change): readonly string[] {
  const { entitlement, kind, gains, loses, fields } = change;
  const told = [
    ...(gains.length > 0 ? [`gain it   ${names(gains)}`] : []),
    ...(loses.length > 0 ? [`lose it   ${names(loses)}`] : []),
    ...peopleLines(change.people, 'gain it', 'lose it'),
    ...actionLines('gains', change.actions_gained),
    ...actionLines('loses', change.actions_lost),
    ...(change.permissions_gained + change.permissions_lost > 0
      ? [`actions   +${change.permissions_gained} -${change.permissions_lost}`]
      : []),
    ...change.loosened.map((says) => `! looser  ${printable(says)}`),
    ...change.tightened.map((says) => `tighter   ${printable(says)}`),
    ...(fields.length > 0 ? [`changed   ${names(fields)}`] : []),
  ];
  return [`${marks[kind]} ${printable(entitlement)}  ${kind}`, ...told.map((line) => `    ${line}`)];
}

const peopleLines = (people: People, gains: string, loses: string): readonly string[] => [
  ...counted(people.gain_count, people.gain, gains),
  ...counted(people.lose_count, people.lose, loses),
];

function counted(count: number, people: readonly string[], does: string): readonly string[] {
  if (count === 0) return [];
  return [`${count === 1 ? '1 person' : `${count} people`} ${does}  ${cut(count, people)}`.trimEnd()];
}

const actionLines = (does: string, actions: Actions): readonly string[] =>
  actions.map(({ access, count, actions: named }) => `${does}     ${access}: ${cut(count, named)}`);

/** A list that was cut says how many it leaves out. */
function cut(count: number, shown: readonly string[]): string {
  const more = count - shown.length;
  if (more === 0) return names(shown);
  return shown.length === 0 ? `(${count})` : `${names(shown)} and ${more} more`;
}

function lapseLines(lapses: Plan['lapses']): readonly string[] {
  if (lapses === null) return [];
  return [
    ...(lapses.request_count > 0
      ? [
          `! ${lapses.request_count} waiting to be asked for anew  ${cut(lapses.request_count, lapses.requests)}`,
        ]
      : []),
    ...(lapses.grant_count > 0
      ? [`! ${lapses.grant_count} approved and usable no more  ${cut(lapses.grant_count, lapses.grants)}`]
      : []),
  ];
}

const knownBy = {
  listed: 'people: those the file lists; who is in a group of the identity provider is not known here',
  'listed-and-newest-seen': 'people: those the file lists, and the newest of those who have signed in',
  'listed-and-seen': 'people: those the file lists and those who have signed in, in the groups told last',
} as const satisfies Record<Plan['people_known'], string>;

const footLines = (plan: Plan): readonly string[] => [
  `  ${knownBy[plan.people_known]}`,
  ...(plan.catalogue === null ? [] : [`  AWS actions by ${printable(plan.catalogue)}`]),
];

const names = (list: readonly string[]): string => list.map((name) => printable(name)).join(', ');
