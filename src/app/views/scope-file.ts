import type { Permission } from '../../domain/policy/policy.ts';

/** A scope file that means these permissions: the files themselves are not kept, what they meant is. */
export function scopeFileText(permissions: readonly Permission[]): string {
  const items = new Map<string, { actions: string[]; on: string; access: Permission['access'] }>();
  for (const { action, resource, access } of permissions) {
    const key = JSON.stringify([resource, access]);
    const item = items.get(key) ?? { actions: [], on: resource, access };
    items.set(key, { ...item, actions: [...item.actions, action] });
  }
  const lines = [...items.values()].map(({ actions, on, access }) => {
    const list = actions.map((action) => JSON.stringify(action)).join(', ');
    return `  { "actions": [${list}], "on": ${JSON.stringify(on)}, "access": "${access}" }`;
  });
  return `[\n${lines.join(',\n')}\n]\n`;
}
