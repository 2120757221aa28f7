import type { Permission } from './policy.ts';
import { comparePermissions, isOrdered, orderedScope, widerAccess } from './scope-order.ts';

/** What somebody asks for or signs. How much access that is, only the declaration says. */
export type AskedPermission = Pick<Permission, 'action' | 'resource'>;

/**
 * The asked permissions, sorted, each with the access its declaration gives it; 'not-within' when one of them
 * is not declared, and when nothing is asked. An action must be equal. A resource must be equal, or lie under
 * a declared one that ends in slash and star.
 */
export function intersectScope(
  declared: readonly Permission[],
  asked: readonly AskedPermission[],
): readonly Permission[] | 'not-within' {
  const granted = asked.map((permission) => narrowed(declared, permission));
  return granted.length === 0 || !granted.every((permission) => permission !== undefined)
    ? 'not-within'
    : orderedScope(granted);
}

/** Whether two scopes are the same actions on the same resources, however they are written down. */
export function sameScope(left: readonly AskedPermission[], right: readonly AskedPermission[]): boolean {
  const [one, other] = [left, right].map((scope) =>
    orderedScope(scope.map(({ action, resource }) => ({ action, resource, access: 'read' }))),
  );
  return (
    one?.length === other?.length &&
    (one ?? []).every((permission, at) => {
      const beside = other?.[at];
      return beside !== undefined && comparePermissions(permission, beside) === 0;
    })
  );
}

/** What both scopes allow, for two reviewers who narrowed differently. May be empty, and empty is denied. */
export function commonScope(
  left: readonly Permission[],
  right: readonly Permission[],
): readonly Permission[] {
  // Nobody narrowed anything: so it is nearly always, at each of several reviews.
  if (isOrdered(left) && isSameThroughout(left, right)) return left;
  const within = (narrow: readonly Permission[], wide: readonly Permission[]) =>
    narrow.map((permission) => narrowed(wide, permission)).filter((permission) => permission !== undefined);
  return orderedScope([...within(left, right), ...within(right, left)]);
}

/**
 * Whether a scope allows this action on this one resource: for resource servers. Literal match; a star at the
 * end of a declared action or resource stands for at least one further character; nothing else is a pattern,
 * and nothing is decoded or normalised, so a resource that a later reader could normalise away (`/../`) is
 * not covered.
 */
export function scopeCovers(scope: readonly AskedPermission[], action: string, resource: string): boolean {
  return scope.some(
    (permission) => matches(permission.action, action) && matches(permission.resource, resource),
  );
}

const isSameThroughout = (left: readonly Permission[], right: readonly Permission[]): boolean =>
  left.length === right.length &&
  left.every((one, at) => {
    const other = right[at];
    return (
      other !== undefined &&
      one.action === other.action &&
      one.resource === other.resource &&
      one.access === other.access
    );
  });

function narrowed(declared: readonly Permission[], asked: AskedPermission): Permission | undefined {
  const { action, resource } = asked;
  const equal = declared.find(
    (permission) => permission.resource === resource && permission.action === action,
  );
  if (equal !== undefined) {
    return equal;
  }
  const above = declared.filter(
    (permission) => permission.action === action && liesUnder(resource, permission.resource),
  );
  if (above.length === 0) {
    return undefined;
  }
  const { access } = above.reduce(widerAccess);
  return { action: asked.action, resource: asked.resource, access };
}

/** The asked resource may itself end in `/*`: a smaller part of the same tree. */
function liesUnder(asked: string, declared: string): boolean {
  const literal = asked.endsWith('/*') ? asked.slice(0, -2) : asked;
  return declared.endsWith('/*') && !hasPatternCharacter(literal) && matches(declared, literal);
}

function matches(declared: string, actual: string): boolean {
  if (!declared.endsWith('*')) {
    return declared === actual;
  }
  const prefix = declared.slice(0, -1);
  const lastSegment = Math.max(0, prefix.lastIndexOf('/'));
  return (
    actual.length > prefix.length && actual.startsWith(prefix) && !isAmbiguous(actual.slice(lastSegment))
  );
}

/**
 * Wildcards, policy variables, quotes, blanks, control and invisible characters: what a cloud would read as
 * more than text.
 */
function hasPatternCharacter(text: string): boolean {
  return /[*?$"'`\\\p{Z}\p{C}]/u.test(text);
}

/**
 * Dot segments in any spelling, doubled slashes and backslashes: a path that another reader takes for another
 * path.
 */
function isAmbiguous(text: string): boolean {
  return /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|\/\/|\\|%2f|%5c|\p{Cc}/iu.test(text);
}
