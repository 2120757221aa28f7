import type { Permission, Policy } from '../domain/policy/policy.ts';
import { checkShape } from './check-shape.ts';
import type { PlacedPermission } from './expand-scope.ts';
import { policyFileSchema } from './file-schema.ts';
import type { Place, PolicyMistake } from './mistake.ts';
import { sortedMistakes } from './mistake.ts';
import { placeInFiles } from './place-in-files.ts';
import type { ReadScope } from './read-scopes.ts';
import { readScopes } from './read-scopes.ts';
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
  return { policy, mistakes: [], placeOf: (pointer) => placeInFiles({ file, scopes, policy }, pointer) };
}

function withoutPlace({ action, resource, access }: PlacedPermission): Permission {
  return { action, resource, access };
}
