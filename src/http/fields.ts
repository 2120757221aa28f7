import { z } from '@hono/zod-openapi';
import {
  type FactorId,
  type GrantId,
  idPattern,
  type PersonId,
  type RequestId,
  type ResetId,
} from '../domain/ids.ts';

/** Directions of text that could make one line look like another (Unicode Bidi_Control), and invisible marks. */
const DECEIVING =
  /[\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u;
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_NEWLINE = /[^\P{Cc}\n]/u;

function isPlain(value: string, control: RegExp): boolean {
  return value.isWellFormed() && !control.test(value) && !DECEIVING.test(value);
}

/** One line that a person typed: shown to others, so nothing in it may steer a terminal or reorder a line. */
export const line = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/\S/, 'must not be empty')
    .refine(
      (value) => isPlain(value, CONTROL),
      'holds control characters or marks that change the direction of text',
    );

/** As `line`, over several lines. */
export const paragraph = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/\S/, 'must not be empty')
    .refine(
      (value) => isPlain(value, CONTROL_BUT_NEWLINE),
      'holds control characters other than line breaks, or marks that change the direction of text',
    );

/** The pattern is what makes it an id of that kind. */
const idOf = <Id extends string>(pattern: RegExp, example: string) =>
  z
    .string()
    .regex(pattern, `is no such id; one looks like ${example}`)
    .transform((id) => id as Id)
    .openapi({ type: 'string', pattern: pattern.source, example });

export const requestId = idOf<RequestId>(idPattern.request, 'r-01JZX3V5Q8M2N4P6R8T0V2W4Y6');
export const grantId = idOf<GrantId>(idPattern.grant, 'g-01JZX3V5Q8M2N4P6R8T0V2W4Y6');
export const factorId = idOf<FactorId>(idPattern.factor, 'f-01JZX3V5Q8M2N4P6R8T0V2W4Y6');
export const personId = idOf<PersonId>(idPattern.person, 'p-mfrggzdfmztwq2lkmfrggzdfmz');

export const resetId = idOf<ResetId>(idPattern.reset, 'x-01JZX3V5Q8M2N4P6R8T0V2W4Y6');

/** Six digits, exactly: nothing is trimmed, so that a code has one spelling. */
export const totp = z
  .string()
  .regex(/^[0-9]{6}$/, 'is six digits')
  .openapi({ example: '492039' });

export const seconds = z.int().min(60).max(43_200);
export const permission = z.strictObject({ action: line(200), resource: line(2048) });
export const narrowedScope = z.array(permission).min(1).max(200);

export const ticketName = line(40).openapi({ example: 'INC-2291' });
export const entitlementName = line(200).openapi({ example: 'orders-db-operator' });
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** ISO 8601 in UTC with milliseconds, as in the log. */
export const time = z.string().openapi({ format: 'date-time', example: '2026-11-21T03:14:00.000Z' });
/** A moment that a caller names. */
export const givenTime = z.iso
  .datetime()
  .transform((text) => Date.parse(text))
  .openapi({ type: 'string', format: 'date-time' });

/** A list in an answer. */
export const list = <Item extends z.ZodType>(item: Item) => z.array(item).readonly();

export const entries = list(z.int()).openapi({
  description: 'Numbers of the log entries that this call made.',
});

/** `?limit=&cursor=`; the cursor is ours and opaque to the caller. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z
    .string()
    .regex(/^[0-9a-z]{1,11}$/, 'is not a cursor that this call gave')
    .transform((text) => Number.parseInt(text, 36))
    .optional()
    .openapi({ type: 'string' }),
};

export const cursorOf = (ordinal: number | null): string | null =>
  ordinal === null ? null : ordinal.toString(36);

export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({ items: list(item), next_cursor: z.string().nullable() });

/** Query flags are spelled one way. */
export const flag = z.literal('true').optional();
