import { z } from 'zod';
import { Failure } from '../domain/errors.ts';

const loopback = /^http:\/\/(?:127\.0\.0\.1|\[::1\]):([1-9][0-9]{0,4})\/callback$/;
const sha256 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

/** What the command line sends when it begins a sign-in. */
export const cliCallback = z.strictObject({
  /**
   * `http://127.0.0.1:<port>/callback` or `http://[::1]:<port>/callback` (RFC 8252 §7.3), compared as text:
   * whatever else a URL parser would take for the same address is refused, so a code can go to nobody but
   * this machine.
   */
  redirect_uri: z.string().refine((uri) => Number(loopback.exec(uri)?.[1] ?? Infinity) <= 65_535),
  /** PKCE, S256. */
  code_challenge: sha256,
  /** Handed back to the command line as it came. */
  state: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  /** RFC 7638 thumbprint of the key that the tokens will be bound to. */
  dpop_jkt: sha256,
});
export type CliCallback = z.infer<typeof cliCallback>;

/** @throws Failure `malformed-input`, naming each field that is wrong */
export function checkedCliCallback(value: unknown): CliCallback {
  const parsed = cliCallback.safeParse(value);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map((issue) => ({
    at: `/${issue.path.join('/')}`,
    message: issue.message,
  }));
  throw new Failure('malformed-input', 'the sign-in was begun with fields that are wrong', { mistakes });
}
