import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fillScope,
  parametersIn,
  parametersMisfit,
  patternMisfit,
  valueMisfit,
} from '../../src/domain/policy/parameters.ts';
import type { Permission } from '../../src/domain/policy/policy.ts';

const parameter = (pattern: string, says: string | null = null) => ({ pattern, says });

describe('a pattern', () => {
  test.each([
    '^b-[0-9]{1,6}$',
    '^(eu|us)-[a-z]+-\\d$',
    '^[a-z][a-z0-9-]{0,61}$',
    '^\\d{4}/\\d{2}$',
    '^arn:aws:s3:::exports/[\\w.-]+$',
    '^a?b*$',
  ])('%s is of the safe language', (pattern) => {
    expect(patternMisfit(pattern)).toBeUndefined();
  });

  test.each([
    ['has no beginning', 'b-[0-9]+$'],
    ['has no end', '^b-[0-9]+'],
    ['is empty', '^$'],
    ['is no text at all', ''],
    ['lets in anything', '^.*$'],
    ['repeats a group', '^(a+)+$'],
    ['repeats a choice', '^(a|b)*$'],
    ['nests', '^((a))$'],
    ['refers back', '^(a)\\1$'],
    ['looks ahead', '^(?=a)a$'],
    ['negates a class', '^[^/]+$'],
    ['ends twice', '^a$|^b$'],
    ['is a choice at its top', '^a|b$'],
    ['repeats without bound too often', '^a*b*c*$'],
    ['bounds a repetition too far', '^a{1,999}$'],
    ['bounds it the wrong way round', '^a{3,1}$'],
    ['has a range the wrong way round', '^[z-a]$'],
    ['has a range from one kind of sign to another', '^[a-z0-9.-_]+$'],
    ['has a range over both cases and all between', '^[A-z]+$'],
    ['has a range from a class', '^[\\d-z]+$'],
    ['can be tried in too many ways', '^a{0,100}b{0,100}c{0,100}$'],
    ['escapes what is no sign', '^\\p{L}$'],
  ])('that %s is not', (_, pattern) => {
    expect(patternMisfit(pattern)).toEqual(expect.any(String));
    expect(valueMisfit(parameter(pattern), 'a')).toEqual(expect.any(String));
  });

  test('of the safe language never takes long, whatever is held against it', () => {
    const piece = fc.constantFrom('[a-z]+', 'a{0,40}', '(a|aa)', '[a-z0-9]*', 'a?', '\\w+', 'a', '\\d{1,3}');
    const patterns = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => `^${pieces.join('')}$`);
    fc.assert(
      fc.property(patterns, fc.integer({ min: 0, max: 128 }), (pattern, length) => {
        fc.pre(patternMisfit(pattern) === undefined);
        const began = performance.now();
        valueMisfit(parameter(pattern), `${'a'.repeat(Math.max(0, length - 1))}!`);
        return performance.now() - began < 250;
      }),
      { numRuns: 300 },
    );
  });
});

describe('a value', () => {
  const batch = parameter('^[\\w.:-]*/?[\\w.:-]*$', 'the number of a batch');

  test.each(['b-7', '2026/05', 'a..b', 'a.b', 'x_y:z'])('%s is filled in', (value) => {
    expect(valueMisfit(batch, value)).toBeUndefined();
  });

  test.each(['..', '.', 'a/..', '../a', 'a/../b', './a', '/a', 'a/', 'a//b', '', 'a'.repeat(129)])(
    '%s is more than a name, although the pattern lets it in',
    (value) => {
      expect(valueMisfit(batch, value)).toEqual(expect.any(String));
    },
  );

  test('never holds what a cloud reads as more than text, whatever the pattern lets in', () => {
    const anything = parameter('^[\\w.:@-]+$');
    for (const value of ['a*', 'a?', '$a', '{a}', 'a b', 'a"', "a'", 'a`', 'a\\b', 'a\u200b', 'a\n'])
      expect(valueMisfit(anything, value)).toEqual(expect.any(String));
  });

  test('is held against the whole pattern, and the refusal says what it should look like', () => {
    const number = parameter('^b-[0-9]{1,6}$', 'the number of a batch');
    for (const value of ['xb-1', 'b-1x', 'b-', 'b-1234567', 'B-1', 'b-1\n'])
      expect(valueMisfit(number, value)).toEqual(expect.any(String));
    expect(valueMisfit(number, 'b-x')).toBe('it must look like ^b-[0-9]{1,6}$ (the number of a batch)');
  });
});

describe('what a request fills in', () => {
  const declared = { batch: parameter('^b-[0-9]+$'), region: parameter('^(eu|us)$', 'where') };

  test('is exactly what the entitlement declares', () => {
    expect(parametersMisfit(declared, { batch: 'b-1', region: 'eu' })).toBeUndefined();
    expect(parametersMisfit(declared, { batch: 'b-1' })).toContain('Say the region (where)');
    expect(parametersMisfit(declared, { batch: 'b-1', region: 'eu', more: 'x' })).toContain('no parameter');
    expect(parametersMisfit(undefined, {})).toBeUndefined();
    expect(parametersMisfit(undefined, { batch: 'b-1' })).toContain('it has none');
  });

  test('is never found on what every object has', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty'])
      expect(parametersMisfit(declared, { batch: 'b-1', region: 'eu', [name]: 'x' })).toContain(
        'no parameter',
      );
    expect(parametersMisfit({ constructor: parameter('^a$') }, {})).toContain('Say the constructor');
  });
});

describe('a scope with places', () => {
  const permission = (resource: string, access: Permission['access'] = 'read'): Permission => ({
    action: 'a',
    resource,
    access,
  });

  test('tells its places, and fills in each of them, everywhere', () => {
    expect(parametersIn('x/{one}/{two}/{one}')).toEqual(['one', 'two', 'one']);
    expect(fillScope([permission('x/{one}/{one}')], { one: 'v' })).toEqual([permission('x/v/v')]);
  });

  test('is in the one order afterwards, each thing once, with the most access it has anywhere', () => {
    const scope = [permission('x/{one}', 'destructive'), permission('w/{one}'), permission('x/v', 'read')];
    expect(fillScope(scope, { one: 'v' })).toEqual([permission('w/v'), permission('x/v', 'destructive')]);
  });

  test('fills a value in once: a value that looks like a place stays text', () => {
    expect(fillScope([permission('x/{one}')], { one: '{two}', two: 'v' })).toEqual([permission('x/{two}')]);
    expect(fillScope([permission('x/{toString}')], {})).toEqual([permission('x/{toString}')]);
    expect(fillScope([permission('x/{one}')], { one: '$&' })).toEqual([permission('x/$&')]);
  });
});
