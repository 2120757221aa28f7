import type {
  BreakGlass,
  Entitlement,
  Group,
  Permission,
  Policy,
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
    waiting: {
      review_seconds: seconds(file.waiting.review),
      activation_seconds: seconds(file.waiting.activation),
    },
    entitlements: mapped(file.entitlements, (entitlement, name) => toEntitlement(entitlement, scopeOf(name))),
    emergency_principals: (file.emergency_principals ?? []).map(({ role, target, drill_every }) => ({
      role,
      target,
      drill_every_days: Number.parseInt(drill_every, 10),
    })),
  };
}

function toGroup(group: PolicyFile['groups'][string]): Group {
  const until = group.until ?? null;
  return 'idp' in group
    ? { idp: group.idp, issuer: null, until }
    : { idp: group.group, issuer: group.issuer, until };
}

function toTarget(target: PolicyFile['targets'][string]): Target {
  return 'aws' in target
    ? { zone: target.zone, provider: 'aws', account: target.aws, regions: sorted(target.regions) }
    : { zone: target.zone, provider: 'token', audience: target.token.audience };
}

function toTicketRule(rule: NonNullable<PolicyFile['tickets']>[string]): TicketRule {
  return { ...rule, window: rule.window ?? 'not-required' };
}

type FileEntitlement = PolicyFile['entitlements'][string];

function toEntitlement(entitlement: FileEntitlement, scope: readonly Permission[]): Entitlement {
  return {
    role: entitlement.role,
    target: entitlement.target,
    scope,
    eligible: entitlement.eligible,
    ticket: entitlement.ticket === 'not-required' ? null : entitlement.ticket,
    review: entitlement.review === 'not-required' ? null : entitlement.review,
    at_most_seconds: seconds(entitlement.at_most),
    break_glass: entitlement.break_glass === undefined ? null : toBreakGlass(entitlement.break_glass),
  };
}

function toBreakGlass(breakGlass: NonNullable<FileEntitlement['break_glass']>): BreakGlass {
  const { people, from, within } = breakGlass.review;
  return {
    at_most_seconds: seconds(breakGlass.at_most),
    without: sorted(breakGlass.without ?? []),
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
