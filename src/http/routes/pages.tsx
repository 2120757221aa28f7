import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { SignInPage } from '../../../web/pages/sign-in.tsx';
import type { Broker } from '../../app/broker.ts';
import { notFound } from '../../app/grant/find-grant.ts';
import type { WithoutProvider } from '../../app/person/cached-membership.ts';
import { reportOurs } from '../answer-error.ts';
import { encodedFor } from '../assets.ts';
import { limitByPerson } from '../middleware/rate-limit.ts';
import { visitor } from '../middleware/visitor.ts';
import { answerPage, answerProblem, type PageKit, strangersFrame } from '../page-kit.tsx';
import { defaultLimits, type HttpEnv, type HttpParts } from '../parts.ts';
import { logPages } from './log-page.tsx';
import { accessPages } from './pages-access.tsx';
import { accountPages } from './pages-account.tsx';
import { askPages } from './pages-ask.tsx';
import { peoplePages } from './pages-people.tsx';
import { policyPages } from './pages-policy.tsx';
import { requestPages } from './pages-request.tsx';
import { reviewPages } from './pages-review.tsx';
import { returnPath } from './return-path.ts';

/** Pages that are for somebody who is signed in; everything under them too. */
const VISITORS_PATHS: readonly string[] = [
  '/',
  '/ask',
  '/requests/*',
  '/access',
  '/access/*',
  '/catalog',
  '/people',
  '/people/*',
  '/policy',
  '/policy/*',
  '/account',
  '/account/*',
  '/log',
  '/log/*',
];

export const pageKit = (
  broker: Broker,
  { assets, sayActions, parsePolicy, namedScopes, sessionsInBrowsers = false }: HttpParts,
): PageKit => {
  return { broker, assets, sayActions, parsePolicy, namedScopes, sessionsInBrowsers };
};

/** A browser that asks for a page is answered with one, whatever went wrong before any page was reached. */
export const wantsPage = (c: Context<HttpEnv>): boolean =>
  !/^\/(?:v1|grants)\//.test(c.req.path) && (c.req.header('accept') ?? '').includes('text/html');

/** What a person sees in a browser: the same use cases as the API's, called directly. */
export function pageRoutes(kit: PageKit, parts: HttpParts): Hono<HttpEnv> {
  const { broker, assets } = kit;
  const report = reportOurs(parts.logger);
  const limits = { ...defaultLimits, ...parts.limits };
  const app = new Hono<HttpEnv>();
  app.onError((error, c) => {
    report(error, c.get('requestId'));
    return answerProblem(kit, c, error);
  });
  const guards: readonly MiddlewareHandler<HttpEnv>[] = [
    visitor(broker, parts, withoutProvider),
    limitByPerson(limits.calls, broker.clock),
  ];
  // Small answers stay as they are; a live stream is never held back.
  const compressed = compress({ encoding: 'gzip', threshold: 1_400 });
  for (const path of VISITORS_PATHS) app.use(path, ...guards, compressed);
  app.on('POST', ['/ask'], limitByPerson(limits.makings, broker.clock));
  app.get('/sign-in', (c) => {
    const returnTo = returnPath(c.req.query('return_to'), broker.publicUrl);
    const issuers = broker.identityProviders.names.map((name) => ({
      name,
      href: `/sign-in/with/${encodeURIComponent(name)}?${new URLSearchParams({ return_to: returnTo })}`,
    }));
    return answerPage(c, <SignInPage frame={strangersFrame(kit)} issuers={issuers} />);
  });
  app.get('/assets/:file', (c) => {
    const asset = assets.find(c.req.path);
    if (asset === undefined) throw notFound('page');
    const { bytes, encoding } = encodedFor(asset, c.req.header('accept-encoding') ?? '');
    if (encoding !== undefined) c.header('content-encoding', encoding);
    c.header('vary', 'accept-encoding');
    // Named by its bytes: it never changes.
    c.header('cache-control', 'public, max-age=31536000, immutable');
    return c.body(bytes, 200, { 'content-type': asset.type });
  });
  app.get('/icon.svg', (c) =>
    c.body(ICON, 200, { 'content-type': 'image/svg+xml', 'cache-control': 'public, max-age=86400' }),
  );
  return app
    .route('/', requestPages(kit, parts.tail))
    .route('/', accessPages(kit))
    .route('/', askPages(kit))
    .route('/', reviewPages(kit))
    .route('/', peoplePages(kit))
    .route('/', policyPages(kit))
    .route('/', accountPages(kit))
    .route('/', logPages(kit));
}

/** What breaking the glass is made of still opens while the visitor's identity provider does not answer. */
const EMERGENCY_PAGES: readonly (readonly [method: string, path: RegExp, WithoutProvider])[] = [
  ['GET', /^\/(?:ask|access)?$/, 'see'],
  ['POST', /^\/ask$/, 'act'],
  ['GET', /^\/requests\/[^/]+(?:\/events)?$/, 'see'],
  ['POST', /^\/access\/[^/]+\/end$/, 'see'],
  ['POST', /^\/access\/[^/]+\/sessions$/, 'act'],
];

const withoutProvider = (method: string, path: string): WithoutProvider =>
  EMERGENCY_PAGES.find(([verb, pattern]) => verb === method && pattern.test(path))?.[2] ?? 'nothing';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#3f66e0" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M12 2.500 20 5.600v5.900c0 5-3.400 8.400-8 10-4.600-1.600-8-5-8-10V5.600z"/><path d="m8.400 11.800 2.600 2.600 4.800-5.200"/></svg>`;
