import { z } from 'zod';
import { base } from './fields.ts';

const committed = z.strictObject({ commitment: z.string() });

export interface EventSpec {
  readonly schema: z.ZodType;
  readonly personal: readonly string[];
  /** Told with the names of the plain fields in braces. */
  readonly sentence: string;
}

export function event<Shape extends z.ZodRawShape, const Personal extends readonly string[]>(
  shape: Shape,
  sentence: string,
  ...personal: Personal
) {
  const commitments = Object.fromEntries(personal.map((field) => [field, committed.nullable()])) as {
    [Field in Personal[number]]: z.ZodNullable<typeof committed>;
  };
  return { schema: z.strictObject({ ...base, ...shape, ...commitments }), personal, sentence };
}
