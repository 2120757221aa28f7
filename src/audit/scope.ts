import type { Permission } from '../domain/policy/policy.ts';

export type Scope = readonly Permission[];

const accessRank = { read: 0, write: 1, destructive: 2, credentials: 3 } as const;

/** The first permission of `narrow` that `wide` does not hold, spelled for a person; undefined: all are held. */
export function outside(narrow: Scope, wide: Scope): string | undefined {
  const first = narrow.find((permission) => accessIn(wide, permission) !== permission.access);
  return first && `${first.action} (${first.access}) on ${first.resource}`;
}

/** What two scopes have in common: each permission of one that the other holds. */
export function commonScope(left: Scope, right: Scope): Scope {
  const within = (narrow: Scope, wide: Scope) =>
    narrow.flatMap((permission) => {
      const access = accessIn(wide, permission);
      return access === undefined ? [] : [{ ...permission, access }];
    });
  return widestOfEach([...within(left, right), ...within(right, left)]);
}

/** Whether two scopes hold the same permissions, in whatever order. */
export function sameScope(left: Scope, right: Scope): boolean {
  if (left.length === right.length && left.every((line, at) => isSameLine(line, right[at]))) return true;
  return left.map(spellOne).toSorted().join('\n') === right.map(spellOne).toSorted().join('\n');
}

/** Almost always they stand in the same order, and then nothing needs spelling. */
const isSameLine = (left: Permission, right: Permission | undefined): boolean =>
  left.action === right?.action && left.resource === right.resource && left.access === right.access;

const spellOne = ({ action, resource, access }: Permission) => JSON.stringify([action, resource, access]);

/** The access a scope declares for this action and resource: its own line, or the widest line with a star above it. */
function accessIn(scope: Scope, { action, resource }: Permission): Permission['access'] | undefined {
  let widest: Permission['access'] | undefined;
  for (const line of scope) {
    if (line.action !== action) continue;
    if (line.resource === resource) return line.access;
    if (
      liesUnder(resource, line.resource) &&
      (widest === undefined || accessRank[line.access] > accessRank[widest])
    ) {
      widest = line.access;
    }
  }
  return widest;
}

/** Only `…/*` stands for more than itself, and what lies under it must be plain text to every reader. */
function liesUnder(resource: string, declared: string): boolean {
  if (!declared.endsWith('/*')) return false;
  const prefix = declared.slice(0, -1);
  const literal = resource.endsWith('/*') ? resource.slice(0, -2) : resource;
  return (
    literal.length > prefix.length && literal.startsWith(prefix) && isPlain(literal.slice(prefix.length - 1))
  );
}

const isPlain = (path: string) =>
  !/[*?$"'`\\\p{Z}\p{C}]|\/\/|%2f|%5c|(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/iu.test(path);

function widestOfEach(permissions: Scope): Scope {
  const kept = new Map<string, Permission>();
  for (const permission of permissions) {
    const key = JSON.stringify([permission.action, permission.resource]);
    const held = kept.get(key);
    if (held === undefined || accessRank[permission.access] > accessRank[held.access])
      kept.set(key, permission);
  }
  return [...kept.values()];
}
