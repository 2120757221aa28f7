import { z } from 'zod';
import { base } from './fields.ts';
import type { OcsfMapping } from './ocsf.ts';

const committed = z.strictObject({ commitment: z.string() });

export interface EventSpec {
  readonly schema: z.ZodObject;
  readonly personal: readonly string[];
  /** In the language of `sentence.ts`, over the plain fields. */
  readonly sentence: string;
  /** Given data that fit `schema`. */
  readonly ocsf: (data: never) => OcsfMapping;
}

/**
 * One type of event: its plain fields, how it is told, and which texts of persons it holds besides: those can be
 * erased, and stand in the data as commitments.
 */
export function event<Shape extends z.ZodRawShape, const Personal extends readonly string[]>(
  shape: Shape,
  told: {
    readonly sentence: string;
    readonly ocsf: (data: z.infer<z.ZodObject<Shape>>) => OcsfMapping;
  },
  ...personal: Personal
) {
  const commitments = Object.fromEntries(personal.map((field) => [field, committed.nullable()])) as {
    [Field in Personal[number]]: z.ZodNullable<typeof committed>;
  };
  return { schema: z.strictObject({ ...base, ...shape, ...commitments }), personal, ...told };
}
