import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Broker } from '../../app/broker.ts';
import type { WithoutProvider } from '../../app/person/cached-membership.ts';
import {
  DEFAULT_IDLE_MS,
  nextCookie,
  recogniseWebSignIn,
  type WebVisitor,
} from '../../app/person/web-sign-in.ts';
import { Failure } from '../../domain/errors.ts';
import type { Caller, HttpEnv, HttpParts } from '../parts.ts';
import { maskedToken } from './form-token.ts';
import { FORM_TOKEN_HEADER, isLooking, requireFormToken, requireSameOrigin } from './same-origin.ts';
import { webCookies } from './web-cookie.ts';

type Web = Pick<HttpParts, 'browserIdleMs'>;

/**
 * Stands before pages that are for somebody: `caller` is there afterwards. Who is not signed in is sent to `/sign-in`,
 * and comes back. Mounted after the body was read: a form shows its sign-in's token.
 * @param without what of these pages works while the visitor's identity provider does not answer
 */
export const visitor = (
  broker: Broker,
  parts: Web,
  without: (method: string, path: string) => WithoutProvider = () => 'nothing',
) => {
  const web = cookieCaller(broker, parts);
  return createMiddleware<HttpEnv>(async (c, next) => {
    const found = await web.recognise(c, without(c.req.method, c.req.path));
    if (found === undefined) {
      if (isLooking(c)) return c.redirect(signInAddress(c), 303);
      throw new Failure('not-signed-in', 'You are not signed in any more, so nothing was done.', {
        mend: 'Sign in again, then send it again.',
      });
    }
    if (!isLooking(c)) await requireFormToken(broker, c, found.web.formToken);
    c.set('caller', callerOf(broker, found));
    await next();
    await web.goOn(c, found);
    return undefined;
  });
};

/** For after the sign-in: path and query, of ours alone. */
function signInAddress(c: Context<HttpEnv>): string {
  const { pathname, search } = new URL(c.req.url);
  return `/sign-in?${new URLSearchParams({ return_to: `${pathname}${search}` })}`;
}

/** A browser's cookie in the place of a token. */
export function cookieCaller(broker: Broker, parts: Web) {
  const cookies = webCookies(broker.publicUrl);
  const idleMs = parts.browserIdleMs ?? DEFAULT_IDLE_MS;
  return {
    /** @returns undefined: no cookie, or one that counts no more */
    async recognise(c: Context<HttpEnv>, withoutProvider: WithoutProvider): Promise<WebVisitor | undefined> {
      const cookie = cookies.read(c, 'signIn');
      if (cookie === undefined) return undefined;
      requireSameOrigin(c, broker.publicUrl);
      return recogniseWebSignIn(broker, cookie, { address: c.get('address'), withoutProvider, idleMs });
    },
    /** After something was changed the next call has another cookie: the old one is worth nothing soon. */
    async goOn(c: Context<HttpEnv>, { web }: WebVisitor): Promise<void> {
      const cookie = cookies.read(c, 'signIn');
      if (isLooking(c) || c.res.status >= 400 || cookie === undefined) return;
      // The answer itself may have set one already: a sign-out, another sign-in.
      if (c.res.headers.has('set-cookie')) return;
      const next = await nextCookie(broker, cookie, web);
      if (next !== undefined) cookies.write(c, 'signIn', next);
    },
  };
}

/**
 * For the scripts of our own pages, which call the API as their visitor: with the sign-in's token in a header on every
 * call, also on those that only look, so that no link, form, image or script of another site is one of them.
 */
export function islandCaller(broker: Broker, parts: Web) {
  const web = cookieCaller(broker, parts);
  return {
    async recognise(c: Context<HttpEnv>, withoutProvider: WithoutProvider): Promise<WebVisitor | undefined> {
      if (c.req.header(FORM_TOKEN_HEADER) === undefined) return undefined;
      const found = await web.recognise(c, withoutProvider);
      if (found !== undefined) await requireFormToken(broker, c, found.web.formToken);
      return found;
    },
    goOn: web.goOn,
  };
}

export const callerOf = (
  { random }: Pick<Broker, 'random'>,
  { actor, signedIn, web }: WebVisitor,
): Extract<Caller, { kind: 'human' }> => ({
  kind: 'human',
  actor,
  signedIn,
  formToken: maskedToken(random, web.formToken),
});
