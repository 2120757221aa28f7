import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commonScope, intersectScope, scopeCovers } from '../../src/domain/policy/narrow.ts';
import type { Permission } from '../../src/domain/policy/policy.ts';
import { comparePermissions } from '../../src/domain/policy/scope-order.ts';

const permission = (action: string, resource: string, access: Permission['access'] = 'read'): Permission => ({
  action,
  resource,
  access,
});

const declared = [
  permission('batches.read', 'export', 'read'),
  permission('batches.delete', 'export/batches/*', 'destructive'),
  permission('tables.read', 'db-*', 'read'),
];

describe('narrowing allows', () => {
  test('exactly what was declared, in the declared order, without repetition', () => {
    const asked = [declared[1], declared[0], declared[1]].filter((each) => each !== undefined);
    expect(intersectScope(declared, asked)).toEqual([declared[0], declared[1]]);
  });

  test.each(['export/batches/42', 'export/batches/2024/01', 'export/batches/2024/*', 'export/batches/..42'])(
    '%s under the declared tree, with the declared access',
    (resource) => {
      expect(intersectScope(declared, [{ action: 'batches.delete', resource }])).toEqual([
        permission('batches.delete', resource, 'destructive'),
      ]);
    },
  );

  test('no less access than the most dangerous declaration above it', () => {
    const scope = [permission('a', 'x/*', 'destructive'), permission('a', 'x/y/*', 'write')];
    expect(intersectScope(scope, [{ action: 'a', resource: 'x/y/1' }])).toEqual([
      permission('a', 'x/y/1', 'destructive'),
    ]);
  });

  test('whatever access is claimed, only the declared one', () => {
    expect(intersectScope(declared, [permission('batches.delete', 'export/batches/1', 'read')])).toEqual([
      permission('batches.delete', 'export/batches/1', 'destructive'),
    ]);
  });
});

describe('narrowing refuses', () => {
  const refused: readonly (readonly [action: string, resource: string])[] = [
    ['batches.delete', 'export/batches'],
    ['batches.delete', 'export/batches/'],
    ['batches.delete', 'export/*'],
    ['batches.delete', '*'],
    ['batches.delete', 'export/batchesX/1'],
    ['batches.delete', 'Export/batches/1'],
    ['batches.delete', 'export/batches/../customers/7'],
    ['batches.delete', 'export/batches/..'],
    ['batches.delete', 'export/batches/./1'],
    ['batches.delete', 'export/batches/%2e%2E/customers/7'],
    ['batches.delete', 'export/batches/x%2f..%2fy'],
    ['batches.delete', 'export/batches//1'],
    ['batches.delete', 'export/batches/a\\..\\b'],
    ['batches.delete', 'export/batches/4*'],
    ['batches.delete', 'export/batches/*/x'],
    ['batches.delete', 'export/batches/*/*'],
    ['batches.delete', 'export/batches/4?'],
    ['batches.delete', 'export/batches/${aws:username}'],
    ['batches.delete', 'export/batches/a"b'],
    ['batches.delete', 'export/batches/a b'],
    ['batches.delete', 'export/batches/a\u0000'],
    ['batches.delete', 'export/batches/a\u200b'],
    ['batches.read', 'export/1'],
    ['batches.read', 'export/batches/1'],
    ['batches.*', 'export'],
    ['Batches.read', 'export'],
    ['tables.read', 'db-1'],
    ['', ''],
  ];
  test.each(refused)('%s on %j', (action, resource) => {
    expect(intersectScope(declared, [{ action, resource }])).toBe('not-within');
  });

  test('everything when one of several is not declared', () => {
    expect(intersectScope(declared, [permission('batches.read', 'export'), permission('x', 'y')])).toBe(
      'not-within',
    );
  });

  test('an empty wish, and any wish under an empty declaration', () => {
    expect(intersectScope(declared, [])).toBe('not-within');
    expect(intersectScope([], [permission('batches.read', 'export')])).toBe('not-within');
  });
});

const step = fc.constantFrom('a', 'b', '..', '.', '*', '', '%2e', 'c d', '?');
const resource = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'));
const anyPermission = fc.record({
  action: fc.constantFrom('read', 'delete', '*'),
  resource,
  access: fc.constantFrom('read', 'write', 'destructive', 'credentials'),
});
const anyScope = fc.array(anyPermission, { maxLength: 6 });

/**
 * An independent reading of what a declared resource contains: told by examples of what lies in the asked
 * one.
 */
function isContained(asked: string, wide: string): boolean {
  return (
    asked === wide ||
    (wide.endsWith('/*') && asked.startsWith(wide.slice(0, -1)) && asked.length >= wide.length)
  );
}

test('whatever is asked, the result is within what was declared, in order, once each, none of it invented', () => {
  fc.assert(
    fc.property(anyScope, anyScope, (scope, asked) => {
      const granted = intersectScope(scope, asked);
      if (granted === 'not-within') {
        return;
      }
      expect(granted.length).toBeGreaterThan(0);
      expect(granted).toEqual(granted.toSorted(comparePermissions));
      expect(new Set(granted.map((each) => `${each.action} ${each.resource}`)).size).toBe(granted.length);
      for (const each of granted) {
        const above = scope.filter(
          (wide) => wide.action === each.action && isContained(each.resource, wide.resource),
        );
        expect(above.map((wide) => wide.access)).toContain(each.access);
        expect(asked.some((wish) => wish.action === each.action && wish.resource === each.resource)).toBe(
          true,
        );
      }
    }),
  );
});

test('narrowing twice changes nothing more', () => {
  fc.assert(
    fc.property(anyScope, anyScope, (scope, asked) => {
      const once = intersectScope(scope, asked);
      if (once !== 'not-within') {
        expect(intersectScope(once, once)).toEqual(once);
      }
    }),
  );
});

test('what a narrowed scope covers, the declared scope covers too', () => {
  const plain = fc
    .array(fc.constantFrom('a', 'b', 'c', '..'), { minLength: 1, maxLength: 5 })
    .map((steps) => steps.join('/'));
  fc.assert(
    fc.property(
      anyScope,
      anyScope,
      plain,
      fc.constantFrom('read', 'delete'),
      (scope, asked, actual, action) => {
        const granted = intersectScope(scope, asked);
        if (granted !== 'not-within' && scopeCovers(granted, action, actual)) {
          expect(scopeCovers(scope, action, actual)).toBe(true);
        }
      },
    ),
  );
});

describe('what two reviewers both allow', () => {
  test('is the smaller part, whichever of them named it', () => {
    const tree = [permission('delete', 'x/*', 'destructive')];
    const leaf = [permission('delete', 'x/1', 'destructive')];
    expect(commonScope(tree, leaf)).toEqual(leaf);
    expect(commonScope(leaf, tree)).toEqual(leaf);
  });

  test('has the widest access that either of them saw', () => {
    const mild = [permission('delete', 'x', 'read')];
    const severe = [permission('delete', 'x', 'destructive')];
    expect(commonScope(mild, severe)).toEqual(severe);
    expect(commonScope(severe, mild)).toEqual(severe);
  });

  test('is the whole, in its one order, when neither narrowed it', () => {
    const [first, second] = [permission('a', 'x'), permission('b', 'y', 'write')];
    expect(commonScope([first, second], [first, second])).toEqual([first, second]);
    expect(commonScope([second, first], [first, second])).toEqual([first, second]);
    expect(commonScope([second, first, second], [second, first, second])).toEqual([first, second]);
  });

  test('is empty when they agree on nothing', () => {
    expect(commonScope([permission('a', 'x/1')], [permission('a', 'x/2')])).toEqual([]);
    expect(commonScope([permission('a', 'x/*')], [])).toEqual([]);
  });
});

describe('a scope covers', () => {
  test.each([
    ['batches.read', 'export'],
    ['batches.delete', 'export/batches/42'],
    ['batches.delete', 'export/batches/2024/01'],
    ['tables.read', 'db-1'],
  ])('%s on %s', (action, actual) => {
    expect(scopeCovers(declared, action, actual)).toBe(true);
  });

  test('every action under a declared action that ends in a star', () => {
    const scope = [permission('batches.*', 'export')];
    expect(scopeCovers(scope, 'batches.read', 'export')).toBe(true);
    expect(scopeCovers(scope, 'batches', 'export')).toBe(false);
    expect(scopeCovers(scope, 'tables.read', 'export')).toBe(false);
  });
});

describe('a scope does not cover', () => {
  test.each([
    ['batches.read', 'export/'],
    ['batches.read', 'export/x'],
    ['batches.read', 'EXPORT'],
    ['batches.delete', 'export/batches/'],
    ['batches.delete', 'export/batches'],
    ['batches.delete', 'export/batches/../customers/7'],
    ['batches.delete', 'export/batches/%2E%2e/customers/7'],
    ['batches.delete', 'export/batches//7'],
    ['batches.delete', 'export/batches/a%2F..'],
    ['batches.delete', 'export/batches/a\\b'],
    ['batches.delete', 'export/batches/a\n'],
    ['batches.delete', 'customers/7'],
    ['customers.delete', 'export/batches/42'],
    ['tables.read', 'db-'],
    ['tables.read', 'db-/../secrets'],
  ])('%s on %j', (action, actual) => {
    expect(scopeCovers(declared, action, actual)).toBe(false);
  });

  test('anything when it is empty', () => {
    expect(scopeCovers([], 'a', 'b')).toBe(false);
  });

  test('by a star that is not at the end, nor by any other pattern', () => {
    const scope = [
      permission('a', 'x/*/z'),
      permission('a', 'y?'),
      permission('a', '[ab]'),
      permission('a', '.+'),
    ];
    for (const actual of ['x/y/z', 'y1', 'a', 'bb']) {
      expect(scopeCovers(scope, 'a', actual)).toBe(false);
    }
  });
});
