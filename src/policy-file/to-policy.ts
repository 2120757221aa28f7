import type {
  BreakGlass,
  Delegation,
  Entitlement,
  Group,
  GroupMember,
  Notify,
  Parameter,
  PasskeyDemands,
  Permission,
  Policy,
  Stage,
  Target,
  TicketRule,
} from '../domain/policy/policy.ts';
import { compareText } from '../domain/policy/scope-order.ts';
import { parseDuration } from './duration.ts';
import type { PolicyFile } from './file-schema.ts';

/**
 * The policy that a file without mistakes means. Throws when a duration or a scope is missing: the file was
 * not checked.
 */
export function toPolicy(file: PolicyFile, scopeOf: (entitlement: string) => readonly Permission[]): Policy {
  return {
    version: 1,
    groups: mapped(file.groups, toGroup),
    workloads: file.workloads ?? {},
    administrators: file.administrators,
    auditors: file.auditors ?? null,
    zones: file.zones,
    targets: mapped(file.targets, toTarget),
    ticket_sources: file.ticket_sources ?? {},
    tickets: mapped(file.tickets ?? {}, toTicketRule),
    factors: file.factors,
    ...(file.passkeys === undefined ? {} : { passkeys: toPasskeys(file.passkeys) }),
    waiting: {
      review_seconds: seconds(file.waiting.review),
      activation_seconds: seconds(file.waiting.activation),
      ...(file.waiting.schedule === undefined ? {} : { schedule_seconds: seconds(file.waiting.schedule) }),
    },
    entitlements: mapped(file.entitlements, (entitlement, name) => toEntitlement(entitlement, scopeOf(name))),
    emergency_principals: (file.emergency_principals ?? []).map(({ role, target, drill_every }) => ({
      role,
      target,
      drill_every_days: Number.parseInt(drill_every, 10),
    })),
    ...(file.delegates === undefined || file.delegates.length === 0
      ? {}
      : { delegates: file.delegates.toSorted(byDelegation) }),
    ...(file.notify === undefined ? {} : { notify: toNotify(file.notify) }),
    ...(file.humans === undefined ? {} : { humans: mapped(file.humans, sorted) }),
  };
}

const toPasskeys = ({ attestation, authenticators }: NonNullable<PolicyFile['passkeys']>): PasskeyDemands =>
  authenticators === undefined ? { attestation } : { attestation, authenticators: sorted(authenticators) };

function toNotify(notify: NonNullable<PolicyFile['notify']>): Notify {
  const { 'zone-owners': zoneOwners, reviewers, requesters, administrators } = notify;
  return {
    ...(zoneOwners === undefined ? {} : { zone_owners: sorted(zoneOwners) }),
    ...(reviewers === undefined ? {} : { reviewers: sorted(reviewers) }),
    ...(requesters === undefined ? {} : { requesters: sorted(requesters) }),
    ...(administrators === undefined ? {} : { administrators: sorted(administrators) }),
  };
}

const byDelegation = (left: Delegation, right: Delegation): number =>
  compareText(left.for, right.for) || compareText(left.to, right.to) || compareText(left.from, right.from);

function toGroup(group: PolicyFile['groups'][string]): Group {
  const beside = {
    until: group.until ?? null,
    ...(group.mail === undefined ? {} : { mail: group.mail }),
    ...(group.awake === undefined ? {} : { awake: group.awake }),
  };
  if ('idp' in group) return { idp: group.idp, issuer: null, ...beside };
  if ('group' in group) return { idp: group.group, issuer: group.issuer, ...beside };
  return { idp: null, issuer: null, ...beside, people: group.people.map(toMember).toSorted(byMember) };
}

const byMember = (left: GroupMember, right: GroupMember): number => compareText(left.person, right.person);

function toMember(member: string | { readonly person: string; readonly until: string }): GroupMember {
  return typeof member === 'string' ? { person: member, until: null } : member;
}

function toTarget(target: PolicyFile['targets'][string]): Target {
  return 'aws' in target
    ? { zone: target.zone, provider: 'aws', account: target.aws, regions: sorted(target.regions) }
    : { zone: target.zone, provider: 'token', audience: target.token.audience };
}

function toTicketRule(rule: NonNullable<PolicyFile['tickets']>[string]): TicketRule {
  const { closing, ...rest } = rule;
  return { ...rest, window: rule.window ?? 'not-required', ...(closing === undefined ? {} : { closing }) };
}

type FileEntitlement = PolicyFile['entitlements'][string];

function toEntitlement(entitlement: FileEntitlement, scope: readonly Permission[]): Entitlement {
  return {
    role: entitlement.role,
    targets: sorted(entitlement.targets ?? [entitlement.target ?? '']),
    scope,
    ...(entitlement.parameters === undefined
      ? {}
      : { parameters: mapped(entitlement.parameters, toParameter) }),
    eligible: entitlement.eligible,
    ticket: entitlement.ticket === 'not-required' ? null : entitlement.ticket,
    review: entitlement.review === 'not-required' ? null : entitlement.review.map(toStage),
    at_most_seconds: seconds(entitlement.at_most),
    break_glass: entitlement.break_glass === undefined ? null : toBreakGlass(entitlement.break_glass),
  };
}

type FileStage = Exclude<FileEntitlement['review'], string>[number];

function toStage({ people, from, escalate }: FileStage): Stage {
  return escalate === undefined
    ? { people, from }
    : { people, from, escalate: { after_seconds: seconds(escalate.after), to: escalate.to } };
}

function toParameter({ pattern, says }: NonNullable<FileEntitlement['parameters']>[string]): Parameter {
  return { pattern, says: says ?? null };
}

function toBreakGlass(breakGlass: NonNullable<FileEntitlement['break_glass']>): BreakGlass {
  const { people, from, within } = breakGlass.review;
  return {
    at_most_seconds: seconds(breakGlass.at_most),
    without: sorted(breakGlass.without ?? []),
    ...(breakGlass.named === undefined ? {} : { named: sorted(breakGlass.named) }),
    review: { people, from, within_seconds: seconds(within) },
  };
}

/** Lists whose order means nothing are sorted, so that writing them in another order changes no digest. */
function sorted<Text extends string>(texts: readonly Text[]): readonly Text[] {
  return [...new Set(texts)].sort(compareText);
}

function mapped<From, To>(
  record: Readonly<Record<string, From>>,
  make: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(value, name)]));
}

function seconds(duration: string): number {
  const parsed = parseDuration(duration);
  if (parsed === undefined) {
    throw new TypeError(`not a duration: ${duration}`);
  }
  return parsed;
}
