import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { policyFileSchema } from '../../src/policy-file/file-schema.ts';
import { type PolicyMistake, parsePolicyFile } from '../../src/policy-file/parse.ts';
import { noScopeFile, projectFile } from './sample-policy.ts';
import { wholeFile } from './whole-file.ts';

/*
 * Every key of the file, spoilt in every way: each mistake has its own line, says what is meant, and shows what would be
 * right, in words of ours.
 */
type Step = string | number;
type Path = readonly Step[];

const whole: unknown = parse(wholeFile);

test('the file that is spoilt has no mistake itself', () => {
  expect(mistakesIn(whole)).toEqual([]);
});

test('the file that is spoilt has every key of the schema', () => {
  const used = new Set(pathsIn(whole).map((path) => path.filter((step) => typeof step === 'string').at(-1)));
  expect(keysOf(policyFileSchema).filter((key) => !used.has(key))).toEqual([]);
});

interface Spoilt {
  readonly title: string;
  readonly path: Path;
  readonly value: unknown;
}

const paths = pathsIn(whole).filter((path) => path.length > 0);

/** One resource may stand there without its list. */
const isOn = (path: Path): boolean => path.at(-1) === 'on';
const wrongTypes = paths
  .filter((path) => !isOn(path))
  .flatMap((path): readonly Spoilt[] =>
    otherTypes(valueAt(whole, path)).map((value) => spoilt(path, `is ${JSON.stringify(value)}`, value)),
  );
const missing = paths
  .filter((path) => typeof path.at(-1) === 'string')
  .map((path) => spoilt(path, 'is missing', undefined));
const outOfBounds = paths.flatMap((path) =>
  extremes(valueAt(whole, path)).map((value) => spoilt(path, `is ${say(value)}`, value)),
);

describe('every mistake has a place, a meaning and an example when', () => {
  test.each(wrongTypes)('$title', ({ path, value }) => {
    const mistakes = mistakesIn(changed(whole, path, value));
    expect(mistakes).not.toEqual([]);
    expectGood(mistakes);
  });
  test.each([...missing, ...outOfBounds])('$title', ({ path, value }) => {
    expectGood(mistakesIn(changed(whole, path, value)));
  });
  const keys = paths.filter(isKeyOfTheSchema).map((path) => ({ title: path.join('.'), path }));
  test.each(keys)('$title is misspelt', ({ path }) => {
    const mistakes = mistakesIn(renamed(whole, path));
    expect(mistakes.map(({ rule }) => rule)).toContain('unknown-key');
    expectGood(mistakes);
  });
});

function expectGood(mistakes: readonly PolicyMistake[]): void {
  for (const { line, column, message, rule } of mistakes) {
    expect(line).toBeGreaterThan(0);
    expect(column).toBeGreaterThan(0);
    expect(rule).toMatch(/^[a-z]+(?:-[a-z]+)*$/);
    expect(message).not.toMatch(
      /invalid (?:input|key|option|string)|expected |received|too (?:small|big)|unrecognized|NaN|undefined/i,
    );
    expect(message).toMatch(/^[A-Z`…].*[.?`]$/u);
    expect(message).toMatch(/Example: `|[Ww]rite `|Did you mean `|here can stand `|only `|remove /i);
  }
}

function mistakesIn(value: unknown): readonly PolicyMistake[] {
  const text = stringify(value, { aliasDuplicateObjects: false });
  const readScope = noScopeFile;
  return parsePolicyFile({ text, path: 'countersign.yaml', readScope }).mistakes;
}

function spoilt(path: Path, how: string, value: unknown): Spoilt {
  return { title: `${path.join('.')} ${how}`, path, value };
}

function say(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 30)}… (${text.length})` : text;
}

function otherTypes(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [7, { a: 1 }, null];
  if (typeof value === 'number') return ['two', [1], null];
  return Array.isArray(value) ? ['one', 7, { a: 1 }, null] : ['one', 7, [1], null];
}

function extremes(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return ['', 'a b', 'x'.repeat(600), '-1h', '9999-99-99'];
  if (typeof value === 'number') return [0, -1, 1.5, 1_000_000];
  return Array.isArray(value) ? [[], Array.from({ length: 300 }, () => value[0])] : [{}];
}

/** Names that the writer chose may be anything; a list's places have no key. */
function isKeyOfTheSchema(path: Path): boolean {
  const named = [
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

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps = Array.isArray(value) ? value.map((item, at) => [at, item] as const) : Object.entries(value);
  return [path, ...steps.flatMap(([step, child]) => pathsIn(child, [...path, step]))];
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => entriesOf(at).find(([key]) => key === String(step))?.[1], value);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** The same value with another at that path; undefined takes the key out. */
function changed(value: unknown, path: Path, next: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (Array.isArray(value)) {
    return value.map((item, at) => (at === step ? changed(item, rest, next) : item));
  }
  return Object.fromEntries(
    entriesOf(value)
      .map(([key, child]) => [key, key === step ? changed(child, rest, next) : child] as const)
      .filter(([, child]) => child !== undefined),
  );
}

function renamed(value: unknown, path: Path): unknown {
  const [parent, key] = [path.slice(0, -1), String(path.at(-1))];
  const entries = entriesOf(valueAt(value, parent)).map(([name, child]) => [
    name === key ? `${name}x` : name,
    child,
  ]);
  return changed(value, parent, Object.fromEntries(entries));
}

function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, child]) => [key, ...keysOf(child)]);
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(keysOf);
  if (schema instanceof z.ZodArray) return keysOf(schema.element);
  return schema instanceof z.ZodRecord ? keysOf(schema.valueType) : [];
}

test('docs/policy.md tells of every key', () => {
  const page = projectFile('docs/policy.md');
  const told = keysOf(policyFileSchema).filter(
    (key) => !new RegExp(`\`[^\`]*\\b${key}\\b[^\`]*\``).test(page),
  );
  expect(told).toEqual([]);
});
