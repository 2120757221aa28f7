import { type ActionCatalogue, actionsMeant } from '../action-catalogue.ts';
import type { Permission, Policy } from '../policy.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error } from './finding.ts';
import { isMoreThanReading, productionEntitlements } from './production.ts';

/** A scope that means everything cannot be reviewed: nobody knows what was signed. */
export function productionScopeIsBounded(policy: Policy, { catalogue }: LintOptions): readonly LintFinding[] {
  return productionEntitlements(policy).flatMap(([name, { scope }]) =>
    scope.flatMap((permission, index) => {
      const isBounded = !isMoreThanReading(permission) || actsOnNothingElse(catalogue, permission);
      const boundless = isBounded ? undefined : boundlessPart(permission);
      return boundless === undefined
        ? []
        : [
            error(
              'production-scope-is-bounded',
              ['entitlements', name, 'scope', index],
              `\`${boundless}\` means everything there is, beside ${permission.access} access in production: nobody could ` +
                'say what was approved. Name it: `actions: [batches.delete], on: orders-export/batches/*`.',
            ),
          ];
    }),
  );
}

/** Where the cloud takes nothing but `*` there is nothing to name. */
function actsOnNothingElse(catalogue: ActionCatalogue | undefined, { action }: Permission): boolean {
  const meant = catalogue === undefined ? [] : actionsMeant(catalogue, action);
  return meant.length > 0 && meant.every(({ resources }) => resources.length === 0);
}

function boundlessPart({ action, resource }: Permission): string | undefined {
  return [action, resource].find((text) => /^(?:arn:(?:aws[a-z-]*:?)?)?[*?:/]+$/.test(text));
}
