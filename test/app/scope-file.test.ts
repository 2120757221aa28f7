import { expect, test } from 'vitest';
import { scopeFileText } from '../../src/app/views/scope-file.ts';
import { parsePolicyFile } from '../../src/policy-file/parse.ts';
import { policyText } from '../http/policy-text.ts';

const SCOPE = 'scope: policies/repair.json';
const withFile = policyText.replace(
  /scope:\n\s+- \{ actions: \[batches\.delete\].*\n.*batches\.read.*\n/,
  `${SCOPE}\n`,
);

const scopeOf = (text: string) =>
  parsePolicyFile({ text: withFile, path: 'countersign.yaml', readScope: () => text }).policy?.entitlements[
    'repair'
  ]?.scope;

test.each([
  ['one action', [{ action: 'a.read', resource: 'x', access: 'read' }]],
  [
    'several actions, resources and levels',
    [
      { action: 'a.list', resource: 'x', access: 'read' },
      { action: 'a.read', resource: 'x', access: 'read' },
      { action: 'b.put', resource: 'x', access: 'write' },
      { action: 'a.delete', resource: 'x/*', access: 'destructive' },
      { action: 'a.read', resource: 'y', access: 'read' },
    ],
  ],
  ['signs that YAML would read otherwise', [{ action: 'a.read', resource: '*&x:#,[y]!é', access: 'read' }]],
] as const)('a scope file made of %s means what it was made of', (_, permissions) => {
  expect(withFile).toContain(SCOPE);
  expect(scopeOf(scopeFileText(permissions))).toEqual(permissions);
});
