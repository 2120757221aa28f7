import type { Context } from 'hono';
import { SignedOutPage } from '../../../web/pages/signed-out.tsx';
import { notFound } from '../../app/grant/find-grant.ts';
import type { SignInDestination } from '../../app/identity-ports.ts';
import { deviceAskFor } from '../../app/person/device-asks.ts';
import { endSignInItself, signOut } from '../../app/person/end-sign-in.ts';
import { beginSignInTo, finishSignIn } from '../../app/person/sign-in.ts';
import { DEFAULT_IDLE_MS, livingWebSignIn } from '../../app/person/web-sign-in.ts';
import type { WebSignIn } from '../../app/person/web-sign-in-rows.ts';
import { base64url, hex, utf8 } from '../../log/bytes.ts';
import { requireFormToken, requireSameOrigin } from '../middleware/same-origin.ts';
import { webCookies } from '../middleware/web-cookie.ts';
import { answerPage, type PageKit, pageOnFailure, strangersFrame } from '../page-kit.tsx';
import type { HttpEnv, HttpParts } from '../parts.ts';
import { routes } from '../route.ts';
import { returnPath } from './return-path.ts';

const BEGINNING_SECONDS = 600;
const BEGINNING = /^[A-Za-z0-9_-]{43}$/;

/**
 * For browsers: to the identity provider and back, and out again. Which provider is chosen on the page `/sign-in`, by
 * links: a form's answer may not lead to another site (`form-action`).
 */
export function webSignInRoutes(kit: PageKit, parts: Pick<HttpParts, 'browserIdleMs'>) {
  const { broker } = kit;
  const browser = browserCookies(kit, parts);
  const signedOut = (c: Context<HttpEnv>, atProvider: string | undefined, issuer: string) => {
    const shown = { frame: strangersFrame(kit), atProvider, issuer };
    return answerPage(c, <SignedOutPage {...shown} />);
  };
  const app = routes();

  app.get('/sign-in/with/:issuer', (c) => {
    const returnTo = returnPath(c.req.query('return_to'), broker.publicUrl);
    return browser.send(c, c.req.param('issuer'), (digest) => ({
      kind: 'browser',
      returnTo,
      browser: digest,
    }));
  });

  // Somebody said on the page that the machine is theirs; now their provider says who they are.
  app.get('/sign-in/device/:issuer/:code', async (c) => {
    const { device, confirmedBy } = await deviceAskFor(broker, c.req.param('code'));
    if (confirmedBy === null) return c.redirect(`/device?code=${c.req.param('code')}`, 303);
    return browser.send(c, c.req.param('issuer'), (digest) => ({ kind: 'device', device, browser: digest }));
  });

  app.get('/v1/sign-in/callback', (c) =>
    pageOnFailure(kit, c, async () => {
      const from = { address: c.get('address'), userAgent: c.req.header('user-agent') ?? null };
      const answer = { currentUrl: c.req.url, browser: browser.beginning(c), ...from };
      const { location, cookie } = await finishSignIn(broker, answer);
      if (cookie !== null) await browser.signedIn(c, cookie);
      return c.redirect(location, 303);
    }),
  );

  app.post('/sign-out', async (c) => {
    requireSameOrigin(c, broker.publicUrl);
    const web = await browser.living(c);
    if (web === undefined) return signedOut(c, undefined, '');
    await requireFormToken(broker, c, web.formToken);
    const { issuer } = web.signedIn;
    const back = `${broker.publicUrl}/signed-out`;
    const atProvider = await broker.identityProviders.endSessionUrl(web.signedIn, issuer, back);
    await signOut(broker, web.signedIn);
    browser.forget(c);
    return signedOut(c, atProvider, issuer);
  });

  app.get('/signed-out', (c) => signedOut(c, undefined, ''));
  return app;
}

/** What a browser keeps, and what is kept of it. */
export function browserCookies(kit: PageKit, parts: Pick<HttpParts, 'browserIdleMs'>) {
  const { broker } = kit;
  const idleMs = parts.browserIdleMs ?? DEFAULT_IDLE_MS;
  const cookies = webCookies(broker.publicUrl);
  const digestOf = (beginning: string) => hex(broker.hasher.sha256(utf8(beginning)));
  const kept = (c: Context<HttpEnv>): string | undefined => {
    const value = cookies.read(c, 'beginning');
    return value !== undefined && BEGINNING.test(value) ? value : undefined;
  };
  const living = async (c: Context<HttpEnv>): Promise<WebSignIn | undefined> => {
    const cookie = cookies.read(c, 'signIn');
    return cookie === undefined ? undefined : livingWebSignIn(broker, cookie, idleMs);
  };
  return {
    living,
    /** Several tabs may begin: they share what shows that this browser did. */
    send(
      c: Context<HttpEnv>,
      issuer: string,
      goesTo: (browser: string) => Exclude<SignInDestination, { kind: 'command-line' }>,
    ): Promise<Response> {
      return pageOnFailure(kit, c, async () => {
        if (!broker.identityProviders.names.includes(issuer)) throw notFound('identity provider');
        const beginning = kept(c) ?? base64url(broker.random.bytes(32));
        const url = await beginSignInTo(broker, issuer, goesTo(digestOf(beginning)));
        cookies.write(c, 'beginning', beginning, BEGINNING_SECONDS);
        return c.redirect(url, 303);
      });
    },
    beginning(c: Context<HttpEnv>): string | null {
      const value = kept(c);
      return value === undefined ? null : digestOf(value);
    },
    /** A cookie from before is worth nothing after: nobody can have planted it. */
    async signedIn(c: Context<HttpEnv>, cookie: string): Promise<void> {
      const before = await living(c);
      if (before !== undefined) await endSignInItself(broker, before.signedIn, 'replaced');
      cookies.write(c, 'signIn', cookie);
      cookies.clear(c, 'beginning');
    },
    forget: (c: Context<HttpEnv>) => cookies.clear(c, 'signIn'),
  };
}
