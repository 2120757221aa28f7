import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from '../parts.ts';

/** One static policy, no nonces: nothing inline ever runs, and nobody frames us. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

/** Verifying hashes in WebAssembly, which a worker may compile by its own script's answer, and no page at all. */
export const VERIFY_WORKER_PATH = '/log/verify-worker.js';
const VERIFY_WORKER_POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; worker-src 'self'; " +
  "frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

/** Also on what something in front of the broker serves for it. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  // Not `no-referrer`: with it a browser says `Origin: null` on our own forms.
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

/** On every answer, also a refused one. Nothing is kept by a cache unless its route says so. */
export function secureHeaders(publicUrl: string) {
  const strict = publicUrl.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {};
  const headers = Object.entries({ ...securityHeaders, ...strict });
  return createMiddleware<HttpEnv>(async (c, next) => {
    await next();
    for (const [name, value] of headers) c.res.headers.set(name, value);
    if (c.req.path === VERIFY_WORKER_PATH) c.res.headers.set('content-security-policy', VERIFY_WORKER_POLICY);
    if (!c.res.headers.has('cache-control')) c.res.headers.set('cache-control', 'no-store');
  });
}
