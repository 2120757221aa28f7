import { isJsonObject } from '../log/json.ts';
import { checkShape, nearestPlace } from './check-shape.ts';
import type { PlacedPermission } from './expand-scope.ts';
import { expandScope } from './expand-scope.ts';
import { scopeSchema } from './file-schema.ts';
import type { Place, PolicyMistake } from './mistake.ts';
import { mistakeAt } from './mistake.ts';
import { pointerOf } from './pointer.ts';
import type { YamlFile } from './read-yaml.ts';
import { readYaml } from './read-yaml.ts';

/** Gives the text of a file beside the policy; throws when it cannot. */
export type ReadScope = (relativePath: string) => string;

export interface ScopeReading {
  /** By entitlement. One that has mistakes is not there. */
  readonly scopes: ReadonlyMap<string, readonly PlacedPermission[]>;
  readonly mistakes: readonly PolicyMistake[];
}

/**
 * The scopes of all entitlements, whatever else is wrong with the policy file, so that its writer sees
 * everything at once. A scope written inline with the wrong form is left to the file's own schema.
 */
export function readScopes(policyFile: YamlFile, readScope: ReadScope): ScopeReading {
  const scopes = new Map<string, readonly PlacedPermission[]>();
  const mistakes: PolicyMistake[] = [];
  const readOnce = once(readScope);
  for (const [entitlement, scope] of scopesIn(policyFile)) {
    const pointer = pointerOf(['entitlements', entitlement, 'scope']);
    const place = nearestPlace(policyFile, pointer).value;
    const found =
      typeof scope === 'string'
        ? scopeFile(scope, place, readOnce)
        : expandIn(policyFile, pointer, scopeSchema.safeParse(scope).data);
    mistakes.push(...found.mistakes);
    if (found.mistakes.length === 0 && found.permissions.length > 0) {
      scopes.set(entitlement, found.permissions);
    }
  }
  return { scopes, mistakes };
}

/** The scope files that a policy file names, by entitlement; none where the text cannot be read at all. */
export function namedScopes(text: string): ReadonlyMap<string, string> {
  const { file } = readYaml(text, 'countersign.yaml');
  const scopes = file === undefined ? [] : scopesIn(file);
  return new Map(
    scopes.flatMap(([name, scope]) => (typeof scope === 'string' ? [[name, scope] as const] : [])),
  );
}

interface Found {
  readonly permissions: readonly PlacedPermission[];
  readonly mistakes: readonly PolicyMistake[];
}

const nothing: Found = { permissions: [], mistakes: [] };

function scopesIn(file: YamlFile): readonly (readonly [string, unknown])[] {
  const entitlements = isJsonObject(file.value) ? file.value['entitlements'] : undefined;
  return isJsonObject(entitlements)
    ? Object.entries(entitlements).map(([name, entitlement]) => [
        name,
        isJsonObject(entitlement) ? entitlement['scope'] : undefined,
      ])
    : [];
}

function scopeFile(relativePath: string, place: Place, readOnce: ReadOnce): Found {
  const complaint = pathComplaint(relativePath);
  if (complaint !== undefined) {
    return { ...nothing, mistakes: [mistakeAt(place, 'scope-file-outside', complaint)] };
  }
  const text = readOnce(relativePath);
  if (text === undefined) {
    const message = `\`${relativePath}\` cannot be read; it is looked for beside the policy file.`;
    return { ...nothing, mistakes: [mistakeAt(place, 'scope-file-unreadable', message)] };
  }
  const { file, mistakes } = readYaml(text, relativePath);
  if (file === undefined) {
    return { ...nothing, mistakes };
  }
  const shape = checkShape(scopeSchema, file);
  return shape.data === undefined ? { ...nothing, mistakes: shape.mistakes } : expandIn(file, '', shape.data);
}

function expandIn(
  file: YamlFile,
  pointer: string,
  items: Parameters<typeof expandScope>[0] | undefined,
): Found {
  return items === undefined
    ? nothing
    : expandScope(items, (index) => nearestPlace(file, `${pointer}/${index}`).value);
}

/** The name comes from the file, so it must not lead anywhere else: no root, no drive, no way up. */
function pathComplaint(relativePath: string): string | undefined {
  const steps = relativePath.split('/');
  const isPlain = steps.every((step) => /^[\p{L}\p{N}_][\p{L}\p{N}._ -]*$/u.test(step));
  return isPlain && /\.(?:json|ya?ml)$/.test(relativePath)
    ? undefined
    : 'A scope file is a .json or .yaml file beside the policy or below it, without `..`, backslash or leading slash. Example: `scope: policies/orders-db.yaml`.';
}

/** undefined: not readable. */
type ReadOnce = (relativePath: string) => string | undefined;

function once(readScope: ReadScope): ReadOnce {
  const known = new Map<string, string | undefined>();
  return (relativePath) => {
    if (!known.has(relativePath)) {
      known.set(relativePath, readOrNothing(readScope, relativePath));
    }
    return known.get(relativePath);
  };
}

function readOrNothing(readScope: ReadScope, relativePath: string): string | undefined {
  try {
    return readScope(relativePath);
  } catch {
    return undefined;
  }
}
