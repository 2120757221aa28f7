import { OpenAPIHono } from '@hono/zod-openapi';
import type { Broker } from '../app/broker.ts';
import { notFound } from '../app/grant/find-grant.ts';
import { answerError, reportOurs } from './answer-error.ts';
import { withinSignIn } from './middleware/asking.ts';
import { authentication, isPublicPath } from './middleware/authentication.ts';
import { boundedBody } from './middleware/body.ts';
import { forwardedAddress } from './middleware/forwarded-address.ts';
import { secureHeaders } from './middleware/headers.ts';
import { limitByAddress, limitByPerson } from './middleware/rate-limit.ts';
import { requestLog } from './middleware/request-log.ts';
import { openApiDocument } from './openapi-document.ts';
import { answerProblem, type PageKit } from './page-kit.tsx';
import { defaultLimits, type HttpEnv, type HttpParts } from './parts.ts';
import { catalogRoutes } from './routes/catalog.ts';
import { deviceRoutes } from './routes/device.ts';
import { docsRoutes } from './routes/docs.tsx';
import { factorResetRoutes } from './routes/factor-resets.ts';
import { factorRoutes } from './routes/factors.ts';
import { grantTokenRoutes } from './routes/grant-tokens.ts';
import { grantRoutes } from './routes/grants.ts';
import { healthRoutes } from './routes/health.ts';
import { logRoutes } from './routes/log.ts';
import { meRoutes } from './routes/me.ts';
import { pageKit, pageRoutes, wantsPage } from './routes/pages.tsx';
import { devicePages } from './routes/pages-device.tsx';
import { passkeySignInRoutes } from './routes/passkey-sign-in.ts';
import { peopleRoutes } from './routes/people.ts';
import { policyRoutes } from './routes/policy.ts';
import { requestRoutes } from './routes/requests.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { signInsRoutes } from './routes/sign-ins.ts';
import { ticketRoutes } from './routes/tickets.ts';
import { webSignInRoutes } from './routes/web-sign-in.tsx';

/**
 * The broker over HTTP. No CORS, and a cookie alone does nothing: a call of the API carries a key's proof, or comes from
 * a script of our own pages with its sign-in's token, so a page of somebody else's can do nothing with a visitor's
 * browser.
 */
export function httpApp(broker: Broker, parts: HttpParts) {
  const pages = pageKit(broker, parts);
  const app = guarded(broker, parts, pages)
    .route('/', signInRoutes(pages))
    .route('/', signInsRoutes(broker))
    .route('/', passkeySignInRoutes(pages, parts))
    .route('/', deviceRoutes(broker))
    .route('/', webSignInRoutes(pages, parts))
    .route('/', devicePages(pages, parts))
    .route('/', meRoutes(broker))
    .route('/', peopleRoutes(broker))
    .route('/', catalogRoutes(broker))
    .route('/', requestRoutes(broker))
    .route('/', reviewRoutes(broker))
    .route('/', grantRoutes(broker))
    .route('/', sessionRoutes(broker, parts))
    .route('/', factorRoutes(broker))
    .route('/', factorResetRoutes(broker))
    .route('/', ticketRoutes(broker))
    .route('/', policyRoutes(broker, parts))
    .route('/', logRoutes(broker))
    .route('/', grantTokenRoutes(parts))
    .route('/', healthRoutes(broker));
  const document = openApiDocument(app, broker);
  app.get('/openapi.json', (c) => c.json(document, 200, { 'cache-control': 'public, max-age=300' }));
  app.route('/', pageRoutes(pages, parts));
  app.route('/', docsRoutes(document, parts.assets.sheets.docs));
  return app;
}

/** What the typed client of the command line is made from. */
export type AppType = ReturnType<typeof httpApp>;

/** Where an entry or a secret is made without a code of a second factor, at least under some policy. */
const MAKING_PATHS: readonly string[] = [
  '/v1/requests',
  '/v1/tickets',
  '/v1/tickets/:ticket',
  '/v1/policy/proposals',
  '/v1/factors',
];

/** Everything that stands before a route, in the order in which a call meets it. */
function guarded(broker: Broker, parts: HttpParts, pages: PageKit): OpenAPIHono<HttpEnv> {
  const { clock, random, hasher, publicUrl } = broker;
  const limits = { ...defaultLimits, ...parts.limits };
  const app = new OpenAPIHono<HttpEnv>();
  const answerProgram = answerError(publicUrl, parts.logger);
  const report = reportOurs(parts.logger);
  app.onError((error, c) => {
    if (!wantsPage(c)) return answerProgram(error, c);
    report(error, c.get('requestId'));
    return answerProblem(pages, c, error);
  });
  app.notFound(() => {
    throw notFound('page');
  });
  app.use(
    requestLog(parts.logger, clock, random),
    secureHeaders(publicUrl),
    forwardedAddress(parts.trustedProxies),
  );
  app.use('/v1/*', async (c, next) => {
    // Answered as GET, it would do what GET does and hide the answer.
    if (c.req.method === 'HEAD') throw notFound('answer to HEAD');
    await next();
  });
  app.use('/v1/sign-in/*', limitByAddress(limits.signIn, clock));
  app.use('/sign-in/*', limitByAddress(limits.signIn, clock));
  app.use('/v1/device-authorization', limitByAddress(limits.signIn, clock));
  app.use('/v1/token', limitByAddress(limits.token, clock));
  app.use('/grants/introspect', limitByAddress(limits.introspection, clock));
  const limitCalls = limitByPerson(limits.calls, clock);
  app.use('/v1/*', authentication(broker, parts), withinSignIn(broker), (c, next) =>
    isPublicPath(c.req.path) ? next() : limitCalls(c, next),
  );
  app.on(['POST', 'PATCH'], [...MAKING_PATHS], limitByPerson(limits.makings, clock));
  app.use(boundedBody(hasher));
  return app;
}
