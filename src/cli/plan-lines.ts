import type { InferResponseType } from 'hono/client';
import type { Api } from './api.ts';
import { printable } from './output.ts';

type Policy = InferResponseType<Api['client']['v1']['policy']['$get'], 200>;
export type Proposal = Policy['proposals'][number];
export type Plan = Proposal['plan'];
type Change = Plan['changes'][number];

/** Who gains and who loses, in the words of the policy: what an administrator is about to sign. */
export function planLines(plan: Plan): readonly string[] {
  const lines = [
    ...(plan.administrators_changed ? ['! who may publish a policy changes'] : []),
    ...(plan.auditors_changed ? ['! who may read the log changes'] : []),
    ...plan.changes.flatMap(changeLines),
    ...(plan.groups.length > 0 ? [`~ groups  ${names(plan.groups)}`] : []),
    ...(plan.sections.length > 0 ? [`  parts that differ  ${names(plan.sections)}`] : []),
  ];
  return lines.length > 0 ? lines : ['  nothing changes'];
}

const marks = { added: '+', removed: '-', changed: '~' } as const;

function changeLines(change: Change): readonly string[] {
  const { entitlement, kind, gains, loses, permissions_gained, permissions_lost, fields } = change;
  const told = [
    ...(gains.length > 0 ? [`gain it   ${names(gains)}`] : []),
    ...(loses.length > 0 ? [`lose it   ${names(loses)}`] : []),
    ...(permissions_gained + permissions_lost > 0
      ? [`actions   +${permissions_gained} -${permissions_lost}`]
      : []),
    ...(fields.length > 0 ? [`changed   ${names(fields)}`] : []),
  ];
  return [`${marks[kind]} ${printable(entitlement)}  ${kind}`, ...told.map((line) => `    ${line}`)];
}

const names = (list: readonly string[]): string => list.map((name) => printable(name)).join(', ');
