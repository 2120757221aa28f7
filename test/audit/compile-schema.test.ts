import { expect, test } from 'vitest';
import { z } from 'zod';
import type { $ZodType, $ZodTypes } from 'zod/v4/core';
import { compileSchema } from '../../src/audit/compile-schema.ts';
import { catalogue } from '../../src/domain/events.ts';

const otherDigest = `sha256:${'0a'.repeat(32)}`;
/** Whatever text of the catalogue has a pattern has one of these. */
const texts = ['x', otherDigest, '08987058-cadc-4b81-b6e1-30de50dcbe96'];

/** A value that fits a schema of the catalogue; `variant` picks among the options of a union. */
function sampleOf(schema: $ZodType, variant: number): unknown {
  const { def } = (schema as $ZodTypes)._zod; // zod's own union of all that a schema can be
  switch (def.type) {
    case 'string':
      return texts.find((text) => (schema as z.ZodType).safeParse(text).success) ?? 'x';
    case 'number':
      return 7;
    case 'boolean':
      return true;
    case 'literal':
      return def.values[0];
    case 'enum':
      return Object.values(def.entries)[variant % Object.values(def.entries).length];
    case 'nullable':
      return sampleOf(def.innerType, variant);
    case 'array':
      return [sampleOf(def.element, variant), sampleOf(def.element, variant)];
    case 'union':
      return sampleOf(def.options[variant % def.options.length] ?? schema, variant);
    case 'record':
      return isJson(def.valueType)
        ? { text: 'x', number: 1.5, list: [null, true, { deep: '' }] }
        : { one: sampleOf(def.valueType, variant), other: sampleOf(def.valueType, variant) };
    case 'object':
      return Object.fromEntries(
        Object.entries(def.shape).map(([name, field]) => [name, sampleOf(field, variant)]),
      );
    default:
      throw new TypeError(`no sample of ${def.type}`);
  }
}

const isJson = (schema: $ZodType): boolean => (schema as $ZodTypes)._zod.def.type === 'lazy';

const oddities: readonly unknown[] = [
  null,
  true,
  '',
  'x',
  'x'.repeat(45),
  'x'.repeat(81),
  'x'.repeat(3000),
  otherDigest,
  `${otherDigest}\n`,
  -1,
  0,
  1,
  1.5,
  31_536_000,
  31_536_001,
  2 ** 53,
  1e300,
  [],
  ['x'],
  [null],
  {},
  { commitment: 'x' },
  { x: 1 },
  Array.from({ length: 1001 }, () => 'x'),
];

/** The value with each of its parts, at whatever depth, replaced by odd ones, left out or added to. */
function* bent(value: unknown): Generator<unknown> {
  yield* oddities;
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) for (const one of bent(item)) yield value.with(at, one);
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, more: 1 };
    yield JSON.parse(JSON.stringify(value).replace(/^\{/, '{"__proto__":1,'));
    for (const [name, member] of Object.entries(value)) {
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
      for (const one of bent(member)) yield { ...value, [name]: one };
    }
  }
}

test.each(Object.entries(catalogue))('%s is judged as zod judges it, whatever is bent', (_, { schema }) => {
  const fits = compileSchema(schema);
  const answers = { fitting: 0, unfit: 0 };
  for (const variant of [0, 1, 2]) {
    const sample = sampleOf(schema, variant);
    expect(fits(sample)).toBe(true);
    for (const value of bent(sample)) {
      const expected = schema.safeParse(value).success;
      if (fits(value) !== expected) expect({ value, fits: fits(value) }).toEqual({ value, fits: expected });
      answers[expected ? 'fitting' : 'unfit']++;
    }
  }
  expect(answers.fitting).toBeGreaterThan(20);
  expect(answers.unfit).toBeGreaterThan(100);
});

const strangers: readonly (readonly [string, z.ZodType, readonly unknown[]])[] = [
  ['an optional field', z.strictObject({ a: z.string().optional() }), [{}, { a: 'x' }, { a: 1 }]],
  ['a field with a default', z.strictObject({ a: z.string().default('x') }), [{}, { a: 1 }]],
  [
    'a field named like one of every object',
    z.strictObject({ constructor: z.string() }),
    [{}, { constructor: 'x' }],
  ],
  ['an object that lets more pass', z.object({ a: z.int() }), [{ a: 1, b: 2 }, { b: 2 }]],
  ['an e-mail address', z.email(), ['a@example.com', 'x']],
  ['a refinement', z.string().refine((text) => text.startsWith('y')), ['x', 'y']],
  ['a number made of text', z.coerce.number(), ['1', 'x']],
  ['a small whole number', z.int32(), [1, 2 ** 40]],
  ['exclusive bounds', z.number().gt(1).lt(3), [1, 2, 3]],
  ['keys that are checked', z.record(z.string().max(1), z.int()), [{ a: 1 }, { ab: 1 }]],
  ['an exact length', z.string().length(2), ['x', 'xy']],
  ['a pattern with memory', z.string().regex(/x/g), ['x', 'x', 'y']],
  ['an intersection', z.intersection(z.string().min(2), z.string().max(3)), ['x', 'xy', 'xyyy']],
];

test.each(strangers)('%s is judged as zod judges it', (_, schema, values) => {
  const fits = compileSchema(schema);
  expect(values.map((value) => fits(value))).toEqual(values.map((value) => schema.safeParse(value).success));
});
