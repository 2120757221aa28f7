import type { Context } from 'hono';
import { Failure } from '../../domain/errors.ts';
import type { HttpEnv } from '../parts.ts';

/** A form's fields as they were sent, however the browser packed them. */
export interface FormFields {
  readonly texts: URLSearchParams;
  /** Chosen files; where none was chosen a browser sends one without a name, which is left out. */
  readonly files: readonly File[];
}

export const isForm = (contentType: string): boolean =>
  /^application\/x-www-form-urlencoded(?:;|$)/i.test(contentType);
export const isUpload = (contentType: string): boolean => /^multipart\/form-data(?:;|$)/i.test(contentType);

/** After the body was read within its bounds. @throws Failure `malformed-input` */
export async function formFields(c: Context<HttpEnv>): Promise<FormFields> {
  const type = c.req.header('content-type') ?? '';
  const body = await c.req.text();
  if (isForm(type)) return { texts: new URLSearchParams(body), files: [] };
  if (!isUpload(type)) return { texts: new URLSearchParams(), files: [] };
  const sent = await parts(body, type);
  const texts = sent.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  const files = sent.flatMap(([, value]) => (typeof value === 'string' || value.name === '' ? [] : [value]));
  return { texts: new URLSearchParams(texts), files };
}

async function parts(body: string, type: string): Promise<readonly [string, FormDataEntryValue][]> {
  try {
    return [...(await new Response(body, { headers: { 'content-type': type } }).formData())];
  } catch (cause) {
    throw new Failure('malformed-input', 'The form cannot be read.', { cause });
  }
}
