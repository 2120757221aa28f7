import {
  type ActionCatalogue,
  actionsMeant,
  type CatalogueAction,
  patternsMeet,
} from '../action-catalogue.ts';
import { own } from '../own.ts';
import type { Entitlement, Policy } from '../policy.ts';
import type { LintFinding, LintOptions } from './finding.ts';
import { error } from './finding.ts';

/** Beyond these nobody looks whether they fit: a file must not make anybody wait. */
const MOST_COMPARED = 20_000;

/** An action beside none but resources it cannot act on allows nothing: the session would be refused at 3 a.m. */
export function resourcesFitTheirActions(policy: Policy, { catalogue }: LintOptions): readonly LintFinding[] {
  if (catalogue === undefined) return [];
  const left = { comparisons: MOST_COMPARED };
  return Object.entries(policy.entitlements)
    .filter(([, { targets }]) => targets.some((target) => own(policy.targets, target)?.provider === 'aws'))
    .flatMap(([name, entitlement]) => unfit(catalogue, name, entitlement, left));
}

interface Left {
  comparisons: number;
}

function unfit(
  catalogue: ActionCatalogue,
  name: string,
  { scope }: Entitlement,
  left: Left,
): readonly LintFinding[] {
  const actions = [...new Set(scope.map(({ action }) => action))];
  return actions.flatMap((action) => {
    const meant = actionsMeant(catalogue, action);
    const shapes = [...new Set(meant.flatMap(({ resources }) => resources))];
    const beside = scope.filter((permission) => permission.action === action);
    if (meant.length === 0 || beside.some(({ resource }) => mayFit(resource, shapes, left))) return [];
    const index = scope.findIndex((permission) => permission.action === action);
    const message = `\`${action}\` cannot act on \`${beside[0]?.resource}\`, so this allows nothing. ${takes(meant, shapes)}`;
    return [error('resources-fit-their-actions', ['entitlements', name, 'scope', index], message)];
  });
}

function mayFit(resource: string, shapes: readonly string[], left: Left): boolean {
  left.comparisons -= shapes.length;
  if (resource === '*' || left.comparisons < 0) return true;
  const filled = resource.replaceAll(/\{[a-z][a-z0-9_]*\}/g, '*');
  return shapes.some((shape) => patternsMeet(filled, shape));
}

function takes(meant: readonly CatalogueAction[], shapes: readonly string[]): string {
  if (meant.every(({ resources }) => resources.length === 0))
    return 'It acts on no single resource: write `on: "*"`.';
  const named = shapes.slice(0, 3).map((shape) => `\`${shape}\``);
  return `It acts on ${named.join(', ')}; write such a one, its stars filled in.`;
}
