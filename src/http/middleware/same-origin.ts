import type { Context } from 'hono';
import type { Broker } from '../../app/broker.ts';
import { Failure } from '../../domain/errors.ts';
import { equalBytes, fromBase64url } from '../../log/bytes.ts';
import type { HttpEnv } from '../parts.ts';
import { formFields } from './form-fields.ts';
import { unmaskedToken } from './form-token.ts';

const LOOKING: readonly string[] = ['GET', 'HEAD'];
/** Sent by the scripts of our own pages. A page of another site cannot send it: nothing here answers a preflight. */
export const FORM_TOKEN_HEADER = 'x-form-token';
/** What a page's form sends in its place. */
export const FORM_TOKEN_FIELD = 'form_token';

export const isLooking = (c: Context<HttpEnv>): boolean => LOOKING.includes(c.req.method);

/**
 * Where a call with a cookie comes from, by what the browser itself says (Fetch Metadata; before it, `Origin`). A link
 * from anywhere may open a page; nothing else from elsewhere is answered, and nothing is framed or embedded.
 * @throws Failure `not-signed-in` from another origin
 */
export function requireSameOrigin(c: Context<HttpEnv>, publicUrl: string): void {
  const site = c.req.header('sec-fetch-site');
  const isOwn = site === undefined ? isFromOwnOrigin(c, publicUrl) : site === 'same-origin';
  if (isLooking(c)) {
    if (isOwn || site === undefined || site === 'none' || isNavigation(c)) return;
    throw new Failure('not-signed-in', 'This page is for this site alone; another one asked for it.');
  }
  const origin = c.req.header('origin');
  // A browser that says both says the same; `null` is what it says where it tells no other site either.
  const isContradicted = origin !== undefined && origin !== 'null' && origin !== originOf(publicUrl);
  if (isOwn && !isContradicted) return;
  throw new Failure('not-signed-in', 'This was sent from a page of another site, so nothing was done.', {
    mend: 'Open the page here, and do it there.',
  });
}

const originOf = (publicUrl: string): string => new URL(publicUrl).origin;

/** A browser too old to say more sends this with every form; a call that says nothing is no browser's. */
const isFromOwnOrigin = (c: Context<HttpEnv>, publicUrl: string): boolean =>
  c.req.header('origin') === originOf(publicUrl);

const isNavigation = (c: Context<HttpEnv>): boolean =>
  c.req.header('sec-fetch-mode') === 'navigate' && c.req.header('sec-fetch-dest') === 'document';

/** @throws Failure `not-signed-in` when the call does not carry the token of this very sign-in */
export async function requireFormToken(
  broker: Pick<Broker, 'hasher'>,
  c: Context<HttpEnv>,
  formToken: string,
): Promise<void> {
  const given = c.req.header(FORM_TOKEN_HEADER) ?? (await formFields(c)).texts.get(FORM_TOKEN_FIELD) ?? '';
  // Compared as digests: how long it takes tells nothing of where they differ.
  const digestOf = (token: Uint8Array) => broker.hasher.sha256(token);
  if (equalBytes(digestOf(unmaskedToken(given)), digestOf(fromBase64url(formToken)))) return;
  throw new Failure('not-signed-in', 'This form was made for another sign-in, so nothing was done.', {
    mend: 'Load the page again, then send it again.',
  });
}
