import { type ErrorCode, Failure } from '../domain/errors.ts';

const SAID: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'refused-by-rule',
  'step-up-needed',
  'factor-wrong',
  'factor-throttled',
  'factor-missing',
  'conflict',
  'already-done',
  'stale',
]);

/** Told beside what was typed, which is kept; everything else has a page of its own. */
export const isSaidOnThePage = (error: unknown): error is Failure =>
  error instanceof Failure && SAID.has(error.code);
