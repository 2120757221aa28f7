import { describe, expect, test } from 'vitest';
import { MAX_FILE_BYTES } from '../../src/policy-file/guard-yaml.ts';
import { MAX_MISTAKES } from '../../src/policy-file/mistake.ts';
import { parsePolicyFile } from '../../src/policy-file/parse.ts';
import { noScopeFile, policyText } from './sample-policy.ts';

function rulesFor(text: string): readonly string[] {
  const parsed = parsePolicyFile({ text, path: 'countersign.yaml', readScope: noScopeFile });
  return parsed.mistakes.map(({ rule }) => rule);
}

const aliasBomb = [
  'a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]',
  ...'bcdefghij'.split('').map((name, index) => {
    const previous = 'abcdefghi'[index];
    return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${previous}`).join(', ')}]`;
  }),
].join('\n');

const keys = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => make(index)).join('\n');

describe('a hostile file is refused before anything is built from it:', () => {
  test('aliases of aliases', () => {
    expect(new Set(rulesFor(aliasBomb))).toEqual(new Set(['yaml-alias', 'yaml-anchor']));
  });

  test.each([
    ['lists in one line', '['.repeat(MAX_FILE_BYTES - 1)],
    ['maps in one line', '{a: '.repeat(60_000)],
    ['dashes in one line', '- '.repeat(130_000)],
    ['question marks in one line', '? '.repeat(130_000)],
    ['lists over many lines', '[\n'.repeat(100_000)],
  ])('endlessly nested %s', (_, text) => {
    expect(rulesFor(text)).toEqual(['nested-too-deep']);
  });

  test('endlessly indented maps', () => {
    expect(rulesFor(keys(700, (index) => `${' '.repeat(index)}a:`))).toContain('nested-too-deep');
  });

  test('one byte more than is read', () => {
    const comment = (bytes: number) =>
      `#${'x'.repeat(bytes - 1 - new TextEncoder().encode(policyText).length)}`;
    expect(rulesFor(policyText + comment(MAX_FILE_BYTES))).toEqual([]);
    expect(rulesFor(policyText + comment(MAX_FILE_BYTES + 1))).toEqual(['file-too-large']);
    expect(rulesFor('\u00e4'.repeat(MAX_FILE_BYTES / 2 + 1))).toEqual(['file-too-large']);
  });

  test('text that is not Unicode', () => {
    expect(rulesFor('a: \ud800')).toEqual(['not-unicode']);
  });
});

test('mistakes without number are told up to a bound, and the last one says so', () => {
  const rules = rulesFor(keys(20_000, (index) => `k${index}: 1`));
  expect(rules).toHaveLength(MAX_MISTAKES + 1);
  expect(rules.at(-1)).toBe('too-many-mistakes');
});

test('a depth that the tokens do not show is still refused', () => {
  expect(rulesFor(keys(18, (index) => `${' '.repeat(index)}a:`))).toEqual(['nested-too-deep']);
});

test('a list may be long without being deep', () => {
  const list = (count: number) => keys(count, () => '      - engineers');
  expect(rulesFor(policyText.replace('eligible: [engineers, deploy]', `eligible:\n${list(40)}`))).toEqual([]);
});

test('text within quotes and blocks is never taken for tags, aliases or documents', () => {
  const text = policyText.replace('{ idp: eng }', "{ idp: '&a *a !b %c' }");
  expect(rulesFor(text)).toEqual([]);
  expect(rulesFor(policyText.replace('{ idp: eng }', '{ idp: a, until: %c }'))).not.toContain(
    'yaml-directive',
  );
  expect(rulesFor(`${policyText}\n# --- &a *a !!b %YAML\n`)).toEqual([]);
});
