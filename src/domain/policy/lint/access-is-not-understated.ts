import {
  type ActionCatalogue,
  actionsMeant,
  type CatalogueAction,
  splitAction,
} from '../action-catalogue.ts';
import type { Permission, Policy } from '../policy.ts';
import { accessFromLeastToMost } from '../scope-order.ts';
import { awsScopes } from './aws-scopes.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error, warning } from './finding.ts';

const rule = 'access-is-not-understated';
const rank = (access: Permission['access']): number => accessFromLeastToMost.indexOf(access);

/** Reviewers sign the word that stands there: writing that is called reading would be approved as reading. */
export function accessIsNotUnderstated(policy: Policy, { catalogue }: LintOptions): readonly LintFinding[] {
  if (catalogue === undefined) return [];
  return awsScopes(policy).flatMap(({ path, permission }) => {
    const strongest = strongestMeant(catalogue, permission.action);
    if (strongest === undefined) return [];
    const { action, access } = permission;
    const named = `\`${splitAction(action)?.service}:${strongest.name}\``;
    const what = named === `\`${action}\`` ? named : `\`${action}\` lets ${named} be called, and that`;
    if (rank(access) < rank(strongest.least)) {
      const message = `${what} is more than \`${access}\`: ${strongest.because}. Write \`access: ${strongest.least}\`.`;
      return [error(rule, path, message)];
    }
    return access === 'write' && destroys(strongest.name)
      ? [
          warning(
            rule,
            path,
            `${what} destroys something. Write \`access: destructive\`, so that reviewers see it.`,
          ),
        ]
      : [];
  });
}

/** Of all that a pattern stands for, the one that lets most be done; of equals, one that destroys. */
function strongestMeant(catalogue: ActionCatalogue, action: string): CatalogueAction | undefined {
  const weight = ({ least, name }: CatalogueAction) => rank(least) * 2 + (destroys(name) ? 1 : 0);
  return actionsMeant(catalogue, action).toSorted((left, right) => weight(right) - weight(left))[0];
}

/** The catalogue has no level for it; the verb says so. */
const destroys = (name: string): boolean => /^(?:Batch)?(?:Delete|Terminate|Purge|Destroy)/.test(name);
