import { type ActionCatalogue, actionsMeant, patternsMeet } from '../action-catalogue.ts';
import { own } from '../own.ts';
import type { Entitlement, Policy } from '../policy.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error } from './finding.ts';

/** An action beside none but resources it cannot act on allows nothing: the session would be refused at 3 a.m. */
export function resourcesFitTheirActions(policy: Policy, { catalogue }: LintOptions): readonly LintFinding[] {
  if (catalogue === undefined) return [];
  return Object.entries(policy.entitlements)
    .filter(([, { targets }]) => targets.some((target) => own(policy.targets, target)?.provider === 'aws'))
    .flatMap(([name, entitlement]) => unfit(catalogue, name, entitlement));
}

function unfit(catalogue: ActionCatalogue, name: string, { scope }: Entitlement): readonly LintFinding[] {
  const actions = [...new Set(scope.map(({ action }) => action))];
  return actions.flatMap((action) => {
    const meant = actionsMeant(catalogue, action);
    const beside = scope.filter((permission) => permission.action === action);
    const shapes = [
      ...new Set(meant.flatMap(({ resources }) => (resources.length === 0 ? ['*'] : resources))),
    ];
    if (meant.length === 0 || beside.some(({ resource }) => fits(resource, meant, shapes))) return [];
    const index = scope.findIndex((permission) => permission.action === action);
    const takes =
      shapes.join() === '*'
        ? 'It acts on no single resource: write `on: "*"`.'
        : `It acts on ${shapes
            .slice(0, 3)
            .map((shape) => `\`${shape}\``)
            .join(', ')}.`;
    const message = `\`${action}\` cannot act on \`${beside[0]?.resource}\`, so this allows nothing. ${takes}`;
    return [error('resources-fit-their-actions', ['entitlements', name, 'scope', index], message)];
  });
}

function fits(resource: string, meant: ReturnType<typeof actionsMeant>, shapes: readonly string[]): boolean {
  if (resource === '*') return true;
  const filled = resource.replaceAll(/\{[a-z][a-z0-9_]*\}/g, '*');
  return (
    meant.some(({ resources }) => resources.length > 0) &&
    shapes.some((shape) => shape !== '*' && patternsMeet(filled, shape))
  );
}
