import { OpenAPIHono, type z } from '@hono/zod-openapi';
import { type ErrorCode, Failure, type Mistake } from '../domain/errors.ts';
import type { HttpEnv } from './parts.ts';

/** The routes of one resource. What does not fit a route's schema is refused with every mistake at once. */
export const routes = () =>
  new OpenAPIHono<HttpEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      throw malformed(result.target, result.error.issues);
    },
  });

const MOST_MISTAKES = 50;

function malformed(target: string, issues: readonly z.core.$ZodIssue[]): Failure {
  const mistakes = issues.flatMap((issue) => mistakesOf(target, issue)).slice(0, MOST_MISTAKES);
  const [first] = mistakes;
  return new Failure(
    'malformed-input',
    `${first?.at ?? target}: ${first?.message ?? 'is not what this call takes'}`,
    {
      mistakes,
      mend: 'The page /docs lists what each call takes.',
    },
  );
}

/** The body's fields are named by JSON pointer, those of other parts with the part before it. */
function mistakesOf(target: string, issue: z.core.$ZodIssue): Mistake[] {
  const at = `${target === 'json' || target === 'form' ? '' : target}/${issue.path.map(pointerStep).join('/')}`;
  if (issue.code !== 'unrecognized_keys') return [{ at, message: shorten(issue.message) }];
  const prefix = issue.path.length === 0 ? at : `${at}/`;
  return issue.keys.map((key) => ({
    at: `${prefix}${pointerStep(key)}`,
    message: 'is not a field of this call',
  }));
}

// Keys are the caller's own words: bounded, and nothing in them that a terminal would obey.
const pointerStep = (key: PropertyKey): string =>
  shorten(
    String(key)
      .replaceAll('~', '~0')
      .replaceAll('/', '~1')
      .replaceAll(/[\p{Cc}\p{Cf}]/gu, '?'),
  );

const shorten = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

export const jsonBody = <Schema extends z.ZodType>(schema: Schema) => ({
  body: { required: true, content: { 'application/json': { schema } } },
});

export const json = <Schema extends z.ZodType>(description: string, schema: Schema) => ({
  description,
  content: { 'application/json': { schema } },
});

/** For the documentation: which problems a reader should expect beside those of every call. */
export const problems = (...codes: readonly ErrorCode[]) => ({ 'x-problems': codes });
