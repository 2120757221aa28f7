import { createMiddleware } from 'hono/factory';
import type { Broker } from '../../app/broker.ts';
import type { WithoutProvider } from '../../app/person/cached-membership.ts';
import { recogniseHuman, recogniseWorkload } from '../../app/person/recognise.ts';
import { Failure } from '../../domain/errors.ts';
import type { Caller, HttpEnv, HttpParts } from '../parts.ts';
import { callerOf, islandCaller } from './visitor.ts';

const MOST_TOKEN_CHARACTERS = 8_192;

/** The only calls of /v1 that come before anybody is recognised; whatever is not listed needs a token. */
const PUBLIC_PATHS: readonly string[] = [
  '/v1/sign-in',
  '/v1/sign-in/callback',
  '/v1/sign-in/back-channel-logout',
  '/v1/sign-in/issuers',
  '/v1/sign-in/passkey',
  '/v1/sign-in/passkey/challenge',
  '/v1/device-authorization',
  '/v1/token',
];

export const isPublicPath = (path: string): boolean => PUBLIC_PATHS.includes(path);

/**
 * Who calls, from `Authorization` and `DPoP`; the scheme decides which kind of token it can be. A call without
 * `Authorization` may be a script of our own pages.
 */
export const authentication = (broker: Broker, parts: Pick<HttpParts, 'browserIdleMs'>) => {
  const island = islandCaller(broker, parts);
  return createMiddleware<HttpEnv>(async (c, next) => {
    if (!isPublicPath(c.req.path)) {
      const { pathname } = new URL(c.req.url);
      const without = withoutProvider(c.req.method, pathname);
      if (c.req.header('authorization') === undefined) {
        const found = await island.recognise(c, without);
        if (found !== undefined) {
          c.set('caller', callerOf(broker, found));
          await next();
          await island.goOn(c, found);
          return;
        }
      }
      const caller = await recognise(broker, {
        authorization: c.req.header('authorization') ?? '',
        proof: c.req.header('dpop') ?? '',
        method: c.req.method,
        // Of the configured public address: never of a header.
        url: `${broker.publicUrl}${pathname}`,
        address: c.get('address'),
        withoutProvider: without,
      });
      c.set('caller', caller);
    }
    await next();
  });
};

interface Call {
  readonly authorization: string;
  readonly proof: string;
  readonly method: string;
  readonly url: string;
  readonly address: string | null;
  readonly withoutProvider: WithoutProvider;
}

/**
 * The calls that breaking the glass is made of, and those that take access away. Whatever is not listed fails while the
 * caller's identity provider does not answer.
 */
const EMERGENCY_CALLS: readonly (readonly [method: string, path: RegExp, WithoutProvider])[] = [
  ['POST', /^\/v1\/requests$/, 'act'],
  // Where a passkey signs the ask or the opening: what it is to sign.
  ['POST', /^\/v1\/(?:requests\/)?statements$/, 'act'],
  ['POST', /^\/v1\/grants\/[^/]+\/sessions$/, 'act'],
  ['POST', /^\/v1\/grants\/[^/]+\/end$/, 'stop'],
  ['POST', /^\/v1\/grants\/[^/]+\/revocation$/, 'stop'],
  ['GET', /^\/v1\/grants(?:\/[^/]+)?$/, 'see'],
  ['GET', /^\/v1\/requests\/[^/]+$/, 'see'],
  ['GET', /^\/v1\/catalog$/, 'see'],
];

const withoutProvider = (method: string, pathname: string): WithoutProvider =>
  EMERGENCY_CALLS.find(([verb, path]) => verb === method && path.test(pathname))?.[2] ?? 'nothing';

async function recognise(broker: Broker, call: Call): Promise<Caller> {
  const { authorization, proof, method, url, address, withoutProvider } = call;
  if (authorization.length > MOST_TOKEN_CHARACTERS) throw notSignedIn('The token is too long.');
  const [, scheme = '', token = ''] = /^(DPoP|Bearer) ([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
  switch (scheme.toLowerCase()) {
    case 'dpop':
      return {
        kind: 'human',
        formToken: null,
        ...(await recogniseHuman(broker, {
          accessToken: token,
          proof,
          method,
          url,
          address,
          withoutProvider,
        })),
      };
    case 'bearer':
      return { kind: 'workload', actor: await recogniseWorkload(broker, { token, address }) };
    default:
      throw notSignedIn(
        'This call needs a token: `Authorization: DPoP …` for people, `Bearer …` for workloads.',
      );
  }
}

const notSignedIn = (message: string): Failure =>
  new Failure('not-signed-in', message, { mend: 'countersign login' });
