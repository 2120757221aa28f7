import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { CookieOptions } from 'hono/utils/cookie';
import type { HttpEnv } from '../parts.ts';

/**
 * `signIn` says who somebody is, `beginning` that a sign-in was begun in this very browser.
 *
 * `Lax`, not `Strict`: a reviewer comes from a link in a message, and the identity provider sends everybody back from
 * another site; with `Strict` both would meet a page for nobody. What `Lax` lets through is looking, and every page that
 * changes something asks for more: see `sameOrigin`.
 */
const NAMES = { signIn: 'countersign', beginning: 'countersign-beginning' } as const;

export interface WebCookies {
  read(c: Context<HttpEnv>, which: keyof typeof NAMES): string | undefined;
  /** @param maxAgeSeconds left out: until the browser is closed */
  write(c: Context<HttpEnv>, which: keyof typeof NAMES, value: string, maxAgeSeconds?: number): void;
  clear(c: Context<HttpEnv>, which: keyof typeof NAMES): void;
}

/**
 * `__Host-` (RFC 6265bis §4.1.3.2): only this host over TLS can set them, no domain beside it, no path under it. Over
 * plain HTTP, which the configuration allows on loopback alone, browsers take neither the prefix nor `Secure`.
 */
export function webCookies(publicUrl: string): WebCookies {
  const isSecure = publicUrl.startsWith('https:');
  const nameOf = (which: keyof typeof NAMES) => `${isSecure ? '__Host-' : ''}${NAMES[which]}`;
  const options: CookieOptions = { httpOnly: true, sameSite: 'Lax', path: '/', secure: isSecure };
  return {
    read: (c, which) => getCookie(c, nameOf(which)),
    write: (c, which, value, maxAge) =>
      setCookie(c, nameOf(which), value, { ...options, ...(maxAge === undefined ? {} : { maxAge }) }),
    clear: (c, which) => void deleteCookie(c, nameOf(which), options),
  };
}
