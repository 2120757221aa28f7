import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lintRules } from '../../src/domain/policy/lint.ts';
import { projectFile } from './sample-policy.ts';

/** Files beside the rules that hold none. */
const beside = ['aws-scopes', 'awake-hours', 'deciders', 'finding', 'production'];

const ruleFiles = readdirSync(new URL('../../src/domain/policy/lint/', import.meta.url))
  .map((name) => name.replace(/\.ts$/, ''))
  .filter((name) => !beside.includes(name))
  .toSorted();

/** `somebodyCanDecide` for `somebody-can-decide`. */
const functionOf = (file: string): string =>
  file.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

test('every rule of lint stands in the array, under the name of its file', () => {
  expect(lintRules.map(({ name }) => name).toSorted()).toEqual(ruleFiles.map(functionOf).toSorted());
});

test.each(ruleFiles)('%s has a case that fails without it', (rule) => {
  const cases = ['lint.test.ts', 'lint-teams.test.ts']
    .map((file) => projectFile(`test/policy/${file}`))
    .join('\n');
  expect(cases).toContain(`rule: '${rule}'`);
});
