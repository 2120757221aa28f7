import { expect } from 'vitest';
import { z } from 'zod';
import type { PolicyMistake } from '../../src/policy-file/parse.ts';

/* A file spoilt in every way, key by key, and what each mistake must tell. */
export type Step = string | number;
export type Path = readonly Step[];

export interface Spoilt {
  readonly title: string;
  readonly path: Path;
  readonly value: unknown;
}

export function expectGood(mistakes: readonly PolicyMistake[]): void {
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

export function otherTypes(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return [7, null];
  if (typeof value === 'number') return ['two', null];
  return Array.isArray(value) ? ['one', { a: 1 }, null] : ['one', [1], null];
}

export function extremes(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return ['', 'a b', 'x'.repeat(600)];
  if (typeof value === 'number') return [0, 1.5, 1_000_000];
  return Array.isArray(value) ? [[], Array.from({ length: 300 }, () => value[0])] : [{}];
}

export function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const steps = Array.isArray(value) ? value.map((item, at) => [at, item] as const) : Object.entries(value);
  return [path, ...steps.flatMap(([step, child]) => pathsIn(child, [...path, step]))];
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => entriesOf(at).find(([key]) => key === String(step))?.[1], value);
}

export function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** The same value with another at that path; undefined takes the key out. */
export function changed(value: unknown, path: Path, next: unknown): unknown {
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

export function renamed(value: unknown, path: Path): unknown {
  const [parent, key] = [path.slice(0, -1), String(path.at(-1))];
  const entries = entriesOf(valueAt(value, parent)).map(([name, child]) => [
    name === key ? `${name}x` : name,
    child,
  ]);
  return changed(value, parent, Object.fromEntries(entries));
}

export function keysOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([key, child]) => [key, ...keysOf(child)]);
  if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(keysOf);
  if (schema instanceof z.ZodArray) return keysOf(schema.element);
  return schema instanceof z.ZodRecord ? keysOf(schema.valueType) : [];
}
export function spoilt(path: Path, how: string, value: unknown): Spoilt {
  return { title: `${path.join('.')} ${how}`, path, value };
}

export function say(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 30)}… (${text.length})` : text;
}

/** Each place with a value of another type, but those where that is right as well. */
export const withWrongTypes = (whole: unknown, isRight: (path: Path) => boolean): readonly Spoilt[] =>
  pathsIn(whole)
    .filter((path) => path.length > 0 && !isRight(path))
    .flatMap((path) =>
      otherTypes(valueAt(whole, path)).map((value) => spoilt(path, `is ${JSON.stringify(value)}`, value)),
    );

/** Each key taken out, and each value as far from sensible as its type allows. */
export const withGapsAndExtremes = (whole: unknown): readonly Spoilt[] =>
  pathsIn(whole)
    .filter((path) => path.length > 0)
    .flatMap((path) => [
      ...(typeof path.at(-1) === 'string' ? [spoilt(path, 'is missing', undefined)] : []),
      ...extremes(valueAt(whole, path)).map((value) => spoilt(path, `is ${say(value)}`, value)),
    ]);
