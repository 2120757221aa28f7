import { expect, test } from 'vitest';
import type { EventSpec } from '../../src/domain/events/event.ts';
import { type Part, type Placeholder, parseSentence, saySentence } from '../../src/domain/events/sentence.ts';
import { tellEntry } from '../../src/domain/events/tell-entry.ts';
import { catalogue, type EventType } from '../../src/domain/events.ts';
import { exampleEvents } from './example-events.ts';

const types = Object.keys(catalogue) as EventType[]; // its own keys, of which the type is made
const specOf = (type: EventType): EventSpec => catalogue[type];
const maya = `p-${'a'.repeat(26)}`;
const lea = `p-${'b'.repeat(26)}`;
const tom = `p-${'c'.repeat(26)}`;
const names: ReadonlyMap<string, string> = new Map([
  [maya, 'Maya'],
  [lea, 'Lea'],
  [tom, 'Tom'],
]);
const nameOf = (person: string): string => names.get(person) ?? person;

const placeholdersOf = (parts: readonly Part[]): readonly Placeholder[] =>
  parts.flatMap((part) => {
    if (typeof part === 'string') return [];
    return 'optional' in part ? placeholdersOf(part.optional) : [part];
  });

/** What zod knows of the field that a sentence names; undefined: there is none. */
function fieldAt(schema: unknown, [name, ...deeper]: readonly string[]): unknown {
  if (name === undefined) return bare(schema);
  const { shape } = bare(schema) as { readonly shape?: Readonly<Record<string, unknown>> };
  const field = shape === undefined || !Object.hasOwn(shape, name) ? undefined : shape[name];
  return field === undefined ? undefined : fieldAt(field, deeper);
}

interface Wrapped {
  readonly def?: { readonly type: string; readonly innerType?: unknown; readonly element?: unknown };
}

function bare(schema: unknown): unknown {
  const { def } = schema as Wrapped;
  if (def?.type === 'nullable') return bare(def.innerType);
  return def?.type === 'array' ? bare(def.element) : schema;
}

test.each(types)('%s: its sentence names plain fields that are there', (type) => {
  const { sentence, personal, schema } = specOf(type);
  for (const { path, unless } of placeholdersOf(parseSentence(sentence))) {
    expect(`${path.join('.')} ${fieldAt(schema, path) !== undefined}`).toBe(`${path.join('.')} true`);
    expect(personal).not.toContain(path[0]);
    if (unless !== undefined) expect(fieldAt(schema, [unless])).toBeDefined();
  }
});

test.each(types)('%s: where its sentence has words for values, it has them for each value', (type) => {
  const { sentence, schema } = specOf(type);
  for (const { path, words } of placeholdersOf(parseSentence(sentence))) {
    if (words === undefined) continue;
    const field = fieldAt(schema, path) as { readonly options?: readonly string[] };
    const values = field.options ?? ['true', 'false'];
    expect({ path, said: [...words.keys()].toSorted() }).toEqual({ path, said: [...values].toSorted() });
  }
});

test.each(types)('%s: it is told as a sentence: nothing is left in braces, empty or machine-made', (type) => {
  const { subject, body } = exampleEvents[type];
  const said = tellEntry({ type, subject, data: JSON.parse(JSON.stringify(body)) }, nameOf);
  expect(said).toMatch(/^[A-Zrgs#].*\.$/s);
  expect(said).not.toMatch(/[{}[\]|]|undefined|null|object Object|\bNaN\b| {2}| [.,;:]|\.\.|\b1\d{12}\b/);
});

/** A field of an example, changed; the rest is the type's example. */
const told = (type: EventType, changed: Readonly<Record<string, unknown>>): string =>
  tellEntry(
    { type, subject: '', data: JSON.parse(JSON.stringify({ ...exampleEvents[type].body, ...changed })) },
    nameOf,
  );

const asked = 'countersign.request.submitted.v1';
const plain = { start_ms: null, extends: null, break_glass: null };

test('an ask for oneself names nobody else; one for several names them all', () => {
  const forOne = { ...plain, people: [maya], targets: ['orders-prod'] };
  expect(told(asked, forOne)).toMatch(/^Maya asked for 30 minutes of operator on orders-prod: r-1+\.$/);
  expect(told(asked, { ...forOne, people: [lea] })).toContain(', for Lea: r-');
  expect(told(asked, { ...forOne, people: [maya, lea, tom] })).toContain(', for Maya, Lea and Tom: r-');
});

test('durations are said in the units of a clock', () => {
  for (const [seconds, said] of [
    [1, '1 second'],
    [90, '1 minute 30 seconds'],
    [3_600, '1 hour'],
    [5_400, '1 hour 30 minutes'],
    [86_461, '1 day 1 minute'],
    [0, 'no time'],
  ] as const)
    expect(saySentence('{seconds}', { seconds })).toBe(said);
  expect(saySentence('{milliseconds_between}', { milliseconds_between: 12 })).toBe('less than a second');
  expect(saySentence('{milliseconds_between}', { milliseconds_between: 61_000 })).toBe('1 minute 1 second');
});

test('a review says by what right, where that is not the ordinary one', () => {
  const reviewed = 'countersign.request.reviewed.v1';
  expect(told(reviewed, { right: 'stage' })).toMatch(/for 30 minutes\.$/);
  expect(told(reviewed, { right: 'escalation' })).toContain('escalated');
  expect(told(reviewed, { right: 'delegation' })).toContain('stand in');
  expect(told(reviewed, { right: 'stage', verdict: 'deny' })).toMatch(/^Lea denied r-1+\.$/);
});

test('a scope is told by how much it is and how dangerous', () => {
  const line = (access: string) => ({ action: 'a', resource: 'b', access });
  expect(saySentence('{scope}', { scope: [line('read')] })).toBe('1 permission to read');
  expect(saySentence('{scope}', { scope: ['read', 'write', 'write', 'credentials'].map(line) })).toBe(
    '4 permissions (2 write, 1 credentials)',
  );
});

test('what somebody wrote cannot steer a terminal, break the line, or look like a part of the sentence', () => {
  const hostile = '\u001b[31mred\u0007\r\n{grant} \u202egnp.exe\u2028[x]';
  const said = saySentence('A {reason}.', { reason: hostile, grant: 'g' });
  expect(said).toBe('A \uFFFD[31mred\uFFFD {grant} \uFFFDgnp.exe [x].');
  expect(saySentence('{reason}', { reason: { text: hostile } })).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(saySentence('{person}', { person: maya }, () => hostile)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test('the sentence’s full stop is not doubled by what somebody wrote', () => {
  expect(saySentence('It failed: {reason}.', { reason: 'No answer.' })).toBe('It failed: No answer.');
});

test('an entry of a later version is told by its type and subject', () => {
  const entry = { type: 'countersign.moon.landed.v9', subject: 'luna\u001b', data: {} };
  expect(tellEntry(entry)).toBe('countersign.moon.landed.v9 luna\uFFFD');
});

test('data that are none of the type’s are told without failing', () => {
  const hostile = {
    person: { toString: 1 },
    people: 7,
    targets: [null],
    scope: [{}],
    seconds: 'x',
    start_ms: 1e300,
  };
  expect(tellEntry({ type: asked, subject: '', data: hostile })).toMatch(/asked for/);
  const untellable = { toString: 1, valueOf: 1 };
  for (const type of types) {
    const data = Object.fromEntries(Object.keys(specOf(type).schema.shape).map((name) => [name, untellable]));
    expect(() => tellEntry({ type, subject: '', data })).not.toThrow();
  }
});

test.each(['{', '{a b}', '{a|b}', ']', '[{A}]'])(
  'a sentence that is not in the language is refused: %s',
  (text) => {
    expect(() => parseSentence(text === '{' ? '{}' : text)).toThrow();
  },
);
