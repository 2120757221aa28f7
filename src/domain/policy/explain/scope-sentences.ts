import type { Access, Permission } from '../policy.ts';
import { accessFromLeastToMost } from '../scope-order.ts';

const words: Readonly<Record<Access, string>> = {
  read: 'Read',
  write: 'Write',
  destructive: 'Destroy',
  credentials: 'Get credentials',
};

/** One line for each access and set of resources, from the least to the most. */
export function byPermission(scope: readonly Permission[]): readonly string[] {
  return accessFromLeastToMost.flatMap((access) => {
    const named = scope.filter((permission) => permission.access === access);
    const resources = [...new Set(named.map(({ resource }) => resource))];
    const lines = new Map<string, string[]>();
    for (const resource of resources) {
      const actions = named.filter((permission) => permission.resource === resource);
      const told = actions.map(({ action }) => action).join(', ');
      lines.set(told, [...(lines.get(told) ?? []), resource]);
    }
    return [...lines].map(([actions, on]) => `${words[access]}: ${actions} on ${on.join(', ')}.`);
  });
}
