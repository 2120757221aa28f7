import { suggestion } from '../did-you-mean.ts';
import { parametersIn } from '../parameters.ts';
import type { Entitlement, Policy } from '../policy.ts';
import type { LintFinding } from './finding.ts';
import { error } from './finding.ts';

const rule = 'parameters-are-declared-and-used';

/** A place that nothing fills would be sent to the cloud as it stands; a value that goes nowhere narrows nothing. */
export function parametersAreDeclaredAndUsed(policy: Policy): readonly LintFinding[] {
  return Object.entries(policy.entitlements).flatMap(([name, entitlement]) => [
    ...undeclared(name, entitlement),
    ...unused(name, entitlement),
  ]);
}

function undeclared(name: string, { scope, parameters }: Entitlement): readonly LintFinding[] {
  const declared = Object.keys(parameters ?? {});
  return scope.flatMap(({ resource }, index) => {
    const missing = parametersIn(resource).find((parameter) => !declared.includes(parameter));
    return missing === undefined
      ? []
      : [
          error(
            rule,
            ['entitlements', name, 'scope', index],
            `\`{${missing}}\` in \`${resource}\` is no parameter of this entitlement.${suggestion(missing, declared)} ` +
              `Declare it: \`parameters: { ${missing || 'customer'}: { pattern: "^[0-9]{1,10}$", says: customer number } }\`.`,
          ),
        ];
  });
}

function unused(name: string, { scope, parameters }: Entitlement): readonly LintFinding[] {
  const used = scope.flatMap(({ resource }) => parametersIn(resource));
  return Object.keys(parameters ?? {})
    .filter((parameter) => !used.includes(parameter))
    .map((parameter) =>
      error(
        rule,
        ['entitlements', name, 'parameters', parameter],
        `Nothing in the scope says \`{${parameter}}\`: whoever asks would fill it in for nothing. ` +
          `Example: \`on: customers/{${parameter}}/*\`; or remove it.`,
      ),
    );
}
