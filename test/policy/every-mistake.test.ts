import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { policyFileSchema } from '../../src/policy-file/file-schema.ts';
import { type PolicyMistake, parsePolicyFile } from '../../src/policy-file/parse.ts';
import { caseFileSchema } from '../../src/rehearsal/case-schema.ts';
import { readCases } from '../../src/rehearsal/read-cases.ts';
import { noScopeFile, projectFile } from './sample-policy.ts';
import {
  changed,
  expectGood,
  keysOf,
  type Path,
  pathsIn,
  renamed,
  withGapsAndExtremes,
  withWrongTypes,
} from './spoil.ts';
import { wholeCases, wholeFile } from './whole-file.ts';

/*
 * Every key of both files, spoilt in every way: each mistake has its own line, says what is meant, and shows what would
 * be right, in words of ours.
 */
const written = (value: unknown): string => stringify(value, { aliasDuplicateObjects: false });

const files = [
  {
    name: 'countersign.yaml',
    whole: parse(wholeFile) as unknown,
    schema: policyFileSchema,
    mistakesIn: (value: unknown): readonly PolicyMistake[] =>
      parsePolicyFile({ text: written(value), path: 'countersign.yaml', readScope: noScopeFile }).mistakes,
    // One resource may stand there without its list.
    isRightOtherwise: (path: Path) => path.at(-1) === 'on',
  },
  {
    name: 'countersign.test.yaml',
    whole: parse(wholeCases) as unknown,
    schema: caseFileSchema,
    mistakesIn: (value: unknown): readonly PolicyMistake[] =>
      readCases(written(value), 'countersign.test.yaml').mistakes,
    isRightOtherwise: () => false,
  },
];

describe.each(files)('$name', ({ whole, schema, mistakesIn, isRightOtherwise }) => {
  test('has no mistake before it is spoilt, and every key of the schema', () => {
    expect(mistakesIn(whole)).toEqual([]);
    const used = new Set(
      pathsIn(whole).map((path) => path.filter((step) => typeof step === 'string').at(-1)),
    );
    expect(keysOf(schema).filter((key) => !used.has(key))).toEqual([]);
  });

  describe('every mistake has a place, a meaning and an example when', () => {
    test.each(withWrongTypes(whole, isRightOtherwise))('$title', ({ path, value }) => {
      const mistakes = mistakesIn(changed(whole, path, value));
      expect(mistakes).not.toEqual([]);
      expectGood(mistakes);
    });
    test.each(withGapsAndExtremes(whole))('$title', ({ path, value }) => {
      expectGood(mistakesIn(changed(whole, path, value)));
    });
    const keys = pathsIn(whole)
      .filter((path) => isKeyOfTheSchema(path))
      .map((path) => ({ title: path.join('.'), path }));
    test.each(keys)('$title is misspelt', ({ path }) => {
      const mistakes = mistakesIn(renamed(whole, path));
      expect(mistakes.map(({ rule }) => rule)).toContain('unknown-key');
      expectGood(mistakes);
    });
  });
});

/** Names that the writer chose may be anything; a list's places have no key. */
function isKeyOfTheSchema(path: Path): boolean {
  const named = [
    'who',
    'groups',
    'workloads',
    'zones',
    'targets',
    'ticket_sources',
    'tickets',
    'entitlements',
    'humans',
  ];
  const isChosen = (path.length === 2 && named.includes(String(path[0]))) || path.at(-2) === 'parameters';
  return typeof path.at(-1) === 'string' && !isChosen;
}

test('docs/policy.md tells of every key', () => {
  const page = projectFile('docs/policy.md');
  const told = keysOf(policyFileSchema).filter(
    (key) => !new RegExp(`\`[^\`]*\\b${key}\\b[^\`]*\``).test(page),
  );
  expect(told).toEqual([]);
});
