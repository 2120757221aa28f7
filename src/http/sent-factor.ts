import type { z } from 'zod';
import { text } from '../../web/text.ts';
import type { FactorGiven } from '../app/person/factor.ts';
import { Failure } from '../domain/errors.ts';
import { act, assertion } from '../domain/events.ts';
import { totp } from './fields.ts';
import type { SentForm } from './page-kit.tsx';

/**
 * The code or the signature that a form carries. What is not there, or is no code, is left out: the broker says what it
 * needs.
 * @throws Failure `factor-wrong`: no page of ours sends that
 */
export function factorIn(form: SentForm): FactorGiven {
  if (!isSigned(form)) return { totp: totp.safeParse(form.text('totp')).data };
  return { passkey: { assertion: jsonIn(form, 'passkey', assertion), act: jsonIn(form, 'statement', act) } };
}

/** As `factorIn`, where what was signed is no act but a statement of its own. */
export function signatureIn<Statement extends z.ZodType>(
  form: SentForm,
  statement: Statement,
): { readonly factor: FactorGiven; readonly statement: z.output<Statement> } {
  const factor = { passkey: { assertion: jsonIn(form, 'passkey', assertion) } };
  return { factor, statement: jsonIn(form, 'statement', statement) };
}

export const isSigned = (form: SentForm): boolean => form.text('passkey') !== '';

function jsonIn<Schema extends z.ZodType>(form: SentForm, field: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(form.text(field)));
  } catch (cause) {
    throw new Failure('factor-wrong', text.review.cancelled, { cause });
  }
}
