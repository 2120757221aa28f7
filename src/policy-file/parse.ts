import type { Permission, Policy } from '../domain/policy/policy.ts';
import { checkShape, nearestPlace } from './check-shape.ts';
import type { PlacedPermission } from './expand-scope.ts';
import { policyFileSchema } from './file-schema.ts';
import type { Place, PolicyMistake } from './mistake.ts';
import { sortedMistakes } from './mistake.ts';
import { pointerOf } from './pointer.ts';
import type { ReadScope } from './read-scopes.ts';
import { readScopes } from './read-scopes.ts';
import type { YamlFile } from './read-yaml.ts';
import { readYaml } from './read-yaml.ts';
import { toPolicy } from './to-policy.ts';

export type { PolicyMistake } from './mistake.ts';

export interface PolicyFileInput {
  /** At most 256 KiB of YAML 1.2, written by anybody. */
  readonly text: string;
  /** How mistakes name the file. */
  readonly path: string;
  /**
   * Text of a scope file; the path is relative to the policy file and holds no `..`. Throws if it cannot be
   * read.
   */
  readonly readScope: ReadScope;
}

export type ParsedPolicyFile =
  | {
      readonly policy: Policy;
      readonly mistakes: readonly [];
      /** Where a JSON pointer into the policy stands in the file it came from. */
      readonly placeOf: (pointer: string) => Place;
    }
  | { readonly policy: undefined; readonly mistakes: readonly PolicyMistake[] };

/**
 * Reads countersign.yaml and the scope files it names. Every mistake of form at once, in the order of the
 * lines. What the policy says may still be unwise or refer to nothing: see `checkPolicyFile`.
 */
export function parsePolicyFile(input: PolicyFileInput): ParsedPolicyFile {
  const { file, mistakes } = readYaml(input.text, input.path);
  if (file === undefined) {
    return { policy: undefined, mistakes: sortedMistakes(mistakes) };
  }
  const shape = checkShape(policyFileSchema, file);
  const { scopes, mistakes: scopeMistakes } = readScopes(file, input.readScope);
  const all = sortedMistakes([...shape.mistakes, ...scopeMistakes]);
  if (shape.data === undefined || all.length > 0) {
    return { policy: undefined, mistakes: all };
  }
  const policy = toPolicy(shape.data, (entitlement) => (scopes.get(entitlement) ?? []).map(withoutPlace));
  return { policy, mistakes: [], placeOf: (pointer) => placeInFiles(file, scopes, pointer) };
}

function withoutPlace({ action, resource, access }: PlacedPermission): Permission {
  return { action, resource, access };
}

/** Keys that the file spells otherwise than the policy. */
const fileKeys: Readonly<Record<string, string>> = {
  review_seconds: 'review',
  activation_seconds: 'activation',
  schedule_seconds: 'schedule',
  after_seconds: 'after',
  at_most_seconds: 'at_most',
  within_seconds: 'within',
  drill_every_days: 'drill_every',
  account: 'aws',
  audience: 'token/audience',
};

/** Where the second step is a name, and the name itself is what a finding is about. */
const namedSections = new Set([
  'groups',
  'workloads',
  'zones',
  'targets',
  'ticket_sources',
  'tickets',
  'entitlements',
]);

function placeInFiles(
  file: YamlFile,
  scopes: ReadonlyMap<string, readonly PlacedPermission[]>,
  pointer: string,
): Place {
  const steps = pointer.split('/').slice(1);
  for (const [entitlement, permissions] of scopes) {
    const scopePointer = pointerOf(['entitlements', entitlement, 'scope', '']);
    const permission =
      pointer.startsWith(scopePointer) && permissions[Number(pointer.slice(scopePointer.length))];
    if (permission) {
      return permission.place;
    }
  }
  // The second step is a name its writer chose, which may be spelled like one of the keys.
  const isKey = (index: number) => index >= 2 || steps[0] === 'waiting';
  const inFile = steps.map((step, index) =>
    isKey(index) && Object.hasOwn(fileKeys, step) ? fileKeys[step] : step,
  );
  const place = nearestPlace(file, `/${inFile.join('/')}`);
  return steps.length === 2 && namedSections.has(steps[0] ?? '') ? place.key : place.value;
}
