import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Rule } from '../../src/domain/rule.ts';
import { type RuleName, ruleNames } from '../../src/domain/rules.ts';

const root = new URL('../../', import.meta.url).pathname;

const filesUnder = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && file.name.endsWith(ending))
    .map((file) => join(file.parentPath, file.name))
    .toSorted();
const textOf = (path: string): string => readFileSync(path, 'utf8');

type AnyRule = Rule<never>;
const isRule = (value: unknown): value is AnyRule =>
  typeof value === 'object' && value !== null && 'name' in value && 'refuses' in value;
const isRules = (value: unknown): value is readonly AnyRule[] =>
  Array.isArray(value) && value.length > 0 && value.every(isRule);

/** Everything that a module of the domain lets others use. */
const exported: readonly (readonly [name: string, value: unknown])[] = (
  await Promise.all(
    filesUnder('src/domain', '.ts').map(async (path) => Object.entries<unknown>(await import(path))),
  )
).flat();
const arrays = exported.filter((one): one is [string, readonly AnyRule[]] => isRules(one[1]));
const tests = [...filesUnder('test/domain', '.test.ts'), ...filesUnder('test/rules', '.test.ts')].map(textOf);

/** The arrays whose every rule a test takes out. */
const standing = arrays.filter(([name]) =>
  tests.some((text) => new RegExp(`eachRuleStands(?:<[^(]*>)?\\(\\s*'[^']+',\\s*${name},`).test(text)),
);

test('the domain’s arrays of rules are found', () => {
  expect(arrays.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'submittingRules',
      'reviewingRules',
      'openingRules',
      'publishingRules',
      'leavingRules',
    ]),
  );
});

test.each(arrays)('%s: each of its rules is taken out in turn, here or in a longer array', (_, rules) => {
  const within = standing.some(([, longer]) => rules.every((rule) => longer.includes(rule)));
  expect(within).toBe(true);
});

/** Demanded somewhere else than in an array, each for a reason, and each with tests of its own. */
const elsewhere: Readonly<Partial<Record<RuleName, string>>> = {
  'factor-is-proved': 'asks for a code, which is no refusal: the last lines of the other files here',
  'policy-is-in-force': 'without a policy there is nothing to decide by: test/http',
  'log-reader-is-entitled': 'reading decides nothing and writes no entry: test/http/hostile-callers.test.ts',
};

test.each(ruleNames)('%s: stands in an array, or is known to be demanded elsewhere', (name) => {
  const inAnArray = standing.some(([, rules]) => rules.some((rule) => rule.name === name));
  expect({ name, demanded: inAnArray !== Object.hasOwn(elsewhere, name) }).toEqual({ name, demanded: true });
});

test('a rule that a module offers is in an array, so that somebody asks it', () => {
  const asked = new Set(arrays.flatMap(([, rules]) => rules));
  const lone = exported.filter(([, value]) => isRule(value) && !asked.has(value)).map(([name]) => name);
  expect(lone).toEqual([]);
});

test('rules are asked as an array that a test can shorten, never as a list on the spot', () => {
  const sources = [...filesUnder('src/domain', '.ts'), ...filesUnder('src/app', '.ts')];
  const asked = sources.flatMap((path) =>
    [...textOf(path).matchAll(/firstBroken(?:<[^(]*>)?\(\s*([^,)]+),/g)].map(([, first = '']) => first),
  );
  expect(asked.length).toBeGreaterThan(10);
  expect(
    asked.filter((first) => !/^(rules|onSending|\w+Rules|rules: readonly Rule<Context>\[\])$/.test(first)),
  ).toEqual([]);
});

test('a rule’s file is named as its sentence', () => {
  for (const path of filesUnder('src/domain/request/rules', '.ts')) {
    const [, name] = /\bname: '([a-z-]+)'/.exec(textOf(path)) ?? [];
    const isRuleFile =
      /: Rule<[\s\S]*?> = \{\n {2}name: /.test(textOf(path)) && !/Rules: readonly Rule</.test(textOf(path));
    if (isRuleFile) expect(path.endsWith(`/${name}.ts`)).toBe(true);
  }
});

/** The policy's own checks: the function `somebodyIsAwake` in the file of that name finds `somebody-is-awake`. */
const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const lintRules = filesUnder('src/domain/policy/lint', '.ts').flatMap((path) =>
  [...textOf(path).matchAll(/^export function (\w+)\(\s*policy\b[^{]*\): readonly LintFinding\[\]/gm)]
    .map(([, name = '']) => ({ name, rule: kebab(name) }))
    .filter(({ rule }) => path.endsWith(`/${rule}.ts`)),
);

test('the policy’s checks are found', () => {
  expect(lintRules.length).toBeGreaterThan(20);
});

test.each(lintRules)('lint $rule: is asked, and a case of the tests demands it', ({ name, rule }) => {
  const [, asked = ''] =
    /LintRule\[\] = \[([\s\S]*?)\];/.exec(textOf(join(root, 'src/domain/policy/lint.ts'))) ?? [];
  expect(asked.split(/[\s,]+/)).toContain(name);
  const cases = filesUnder('test/policy', '.test.ts').map(textOf);
  expect({ rule, inACase: cases.some((text) => text.includes(`'${rule}'`)) }).toEqual({
    rule,
    inACase: true,
  });
});
