import { suggestion } from '../did-you-mean.ts';
import { own } from '../own.ts';
import type { Entitlement, Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

type Section = 'groups' | 'zones' | 'targets' | 'ticket_sources' | 'tickets';
type Reference = readonly [path: readonly (string | number)[], section: Section, name: string];

/** A name that stands for nothing would admit nobody, or worse, whoever gets that name later. */
export function referencesExist(policy: Policy): readonly LintFinding[] {
  return [
    ...references(policy).flatMap((reference) => missing(policy, reference)),
    ...Object.entries(policy.entitlements).flatMap(([name, entitlement]) =>
      missingEligible(policy, name, entitlement),
    ),
  ];
}

const singular: Readonly<Record<Section, string>> = {
  groups: 'group',
  zones: 'zone',
  targets: 'target',
  ticket_sources: 'ticket source',
  tickets: 'ticket rule',
};

function missing(policy: Policy, [path, section, name]: Reference): readonly LintFinding[] {
  if (own<unknown>(policy[section], name) !== undefined) {
    return [];
  }
  const isWorkload = section === 'groups' && own(policy.workloads, name) !== undefined;
  const message = isWorkload
    ? `\`${name}\` is a workload: here humans are needed. Name a group under \`groups:\`.`
    : `There is no ${singular[section]} \`${name}\`.${suggestion(name, Object.keys(policy[section]))}` +
      ` Add it under \`${section}:\`, or name one that is there.`;
  return [error('references-exist', path, message)];
}

function missingEligible(policy: Policy, name: string, entitlement: Entitlement): readonly LintFinding[] {
  const known = [...Object.keys(policy.groups), ...Object.keys(policy.workloads)];
  return entitlement.eligible.flatMap((eligible, index) =>
    known.includes(eligible)
      ? []
      : [
          error(
            'references-exist',
            ['entitlements', name, 'eligible', index],
            `There is no group or workload \`${eligible}\`.${suggestion(eligible, known)} Add it under \`groups:\`, or name one that is there.`,
          ),
        ],
  );
}

function references(policy: Policy): readonly Reference[] {
  const each = <T>(
    record: Readonly<Record<string, T>>,
    make: (value: T, name: string) => readonly Reference[],
  ) => Object.entries(record).flatMap(([name, value]) => make(value, name));
  return [
    [['administrators', 'from'], 'groups', policy.administrators.from],
    ...(policy.auditors === null ? [] : [[['auditors', 'from'], 'groups', policy.auditors.from] as const]),
    ...each(policy.workloads, ({ sponsor }, name) => [[['workloads', name, 'sponsor'], 'groups', sponsor]]),
    ...each(policy.zones, ({ owner }, name) => [[['zones', name, 'owner'], 'groups', owner]]),
    ...each(policy.targets, ({ zone }, name) => [[['targets', name, 'zone'], 'zones', zone]]),
    ...each(policy.tickets, ({ source }, name) => [[['tickets', name, 'source'], 'ticket_sources', source]]),
    ...each(policy.entitlements, entitlementReferences),
    ...(policy.delegates ?? []).flatMap((delegation, index): readonly Reference[] => [
      [['delegates', index, 'for'], 'groups', delegation.for],
      [['delegates', index, 'to'], 'groups', delegation.to],
    ]),
    ...policy.emergency_principals.map(
      ({ target }, index): Reference => [['emergency_principals', index, 'target'], 'targets', target],
    ),
  ];
}

function entitlementReferences(entitlement: Entitlement, name: string): readonly Reference[] {
  const { targets, ticket, review, break_glass } = entitlement;
  const path = ['entitlements', name];
  const breakGlass: readonly Reference[] =
    break_glass === null
      ? []
      : [[[...path, 'break_glass', 'review', 'from'], 'groups', break_glass.review.from]];
  const ticketRule: readonly Reference[] = ticket === null ? [] : [[[...path, 'ticket'], 'tickets', ticket]];
  const stages = (review ?? []).flatMap(({ from, escalate }, index): readonly Reference[] => [
    [[...path, 'review', index, 'from'], 'groups', from],
    ...(escalate === undefined
      ? []
      : [[[...path, 'review', index, 'escalate', 'to'], 'groups', escalate.to] as const]),
  ]);
  const places = targets.map((target, index): Reference => [[...path, 'targets', index], 'targets', target]);
  return [...places, ...ticketRule, ...stages, ...breakGlass];
}
