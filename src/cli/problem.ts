import { z } from 'zod';
import { type ErrorCode, Failure } from '../domain/errors.ts';
import type { RuleName } from '../domain/rules.ts';
import { exitCodeOf } from './exit-codes.ts';

const problem = z.looseObject({
  code: z.string().refine((code): code is ErrorCode => Object.hasOwn(exitCodeOf, code)),
  detail: z.string().optional(),
  title: z.string().optional(),
  // Shown, never compared: any text the server gives.
  rule: z.string().optional(),
  entry: z.number().optional(),
  mend: z.string().optional(),
  mistakes: z.array(z.object({ at: z.string(), message: z.string() })).optional(),
});

/** The broker's problem (RFC 9457) as the failure it was made from. */
export async function failureOf(response: Response): Promise<Failure> {
  const text = await response.text();
  const parsed = problem.safeParse(jsonOf(text));
  if (!parsed.success) {
    return new Failure(
      'internal',
      `The server answered ${response.status}, and not in the words of a broker.`,
      {
        mend: 'Is --server the broker’s address?',
      },
    );
  }
  const { code, detail, title, rule, entry, mend, mistakes } = parsed.data;
  return new Failure(code, detail ?? title ?? code, {
    ...(rule === undefined ? {} : { rule: rule as RuleName }),
    ...(entry === undefined ? {} : { entry }),
    ...(mend === undefined ? {} : { mend }),
    ...(mistakes === undefined ? {} : { mistakes }),
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
