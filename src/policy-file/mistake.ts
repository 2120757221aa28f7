import type { Mistake } from '../domain/errors.ts';

/**
 * Where something stands: the file as it was named, line and column counted from 1 (a column is a UTF-16
 * unit).
 */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** `at` is `line:column` in `path`; `rule` is a stable name for the kind of mistake. */
export type PolicyMistake = Mistake & Place & { readonly rule: string };

/** More than these nobody reads, and a hostile file could make as many as it has bytes. */
export const MAX_MISTAKES = 200;

export function mistakeAt(place: Place, rule: string, message: string): PolicyMistake {
  const { path, line, column } = place;
  return { at: `${line}:${column}`, path, line, column, rule, message };
}

/**
 * Each once, in the order of the files, of the lines, of the columns; at most MAX_MISTAKES, and the last one
 * says when more are left.
 */
export function sortedMistakes(mistakes: readonly PolicyMistake[]): readonly PolicyMistake[] {
  const paths = [...new Set(mistakes.map((mistake) => mistake.path))];
  const unique = new Map(mistakes.map((mistake) => [JSON.stringify(mistake), mistake]));
  const sorted = [...unique.values()].sort(
    (left, right) =>
      paths.indexOf(left.path) - paths.indexOf(right.path) ||
      left.line - right.line ||
      left.column - right.column,
  );
  const next = sorted[MAX_MISTAKES];
  return next === undefined
    ? sorted
    : [
        ...sorted.slice(0, MAX_MISTAKES),
        mistakeAt(next, 'too-many-mistakes', `…and ${sorted.length - MAX_MISTAKES} more from here on.`),
      ];
}
