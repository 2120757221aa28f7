import type { Permission, Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';
import { isMoreThanReading, productionEntitlements } from './production.ts';

/** A scope that means everything cannot be reviewed: nobody knows what was signed. */
export function productionScopeIsBounded(policy: Policy): readonly LintFinding[] {
  return productionEntitlements(policy).flatMap(([name, { scope }]) =>
    scope.flatMap((permission, index) => {
      const boundless = isMoreThanReading(permission) ? boundlessPart(permission) : undefined;
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

function boundlessPart({ action, resource }: Permission): string | undefined {
  return [action, resource].find((text) => /^(?:arn:(?:aws[a-z-]*:?)?)?[*?:/]+$/.test(text));
}
