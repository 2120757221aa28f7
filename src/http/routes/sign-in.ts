import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import type { ProvenCall } from '../../app/identity-ports.ts';
import { redeemDevice } from '../../app/person/device-asks.ts';
import { signOut, signOutAsProviderSays } from '../../app/person/end-sign-in.ts';
import { beginSignIn, redeemCode, refreshTokens } from '../../app/person/sign-in.ts';
import { Failure } from '../../domain/errors.ts';
import { humanOf } from '../caller.ts';
import { list } from '../fields.ts';
import { type PageKit, pageOnFailure } from '../page-kit.tsx';
import { json, problems, routes } from '../route.ts';

/** The rest is checked where the identity provider is spoken to. */
const begin = z.strictObject({
  issuer: z.string().max(40).optional(),
  redirect_uri: z.string().max(200),
  code_challenge: z.string().max(200),
  state: z.string().max(200),
  dpop_jkt: z.string().max(200),
});

const getSignIn = createRoute({
  method: 'get',
  path: '/v1/sign-in',
  tags: ['Sign-in'],
  summary: 'For a browser: on to the identity provider',
  description:
    'The answer goes back to `redirect_uri`, a loopback address of the command line, and to nowhere else.',
  request: { query: begin },
  responses: { 303: { description: 'To the identity provider.' } },
});

const getIssuers = createRoute({
  method: 'get',
  path: '/v1/sign-in/issuers',
  tags: ['Sign-in'],
  summary: 'The identity providers to choose from',
  responses: {
    200: json(
      'In the order in which they are offered. A browser signs in at `/sign-in/NAME?return_to=/PATH`.',
      z.strictObject({ issuers: list(z.strictObject({ name: z.string() })) }),
    ),
  },
});

const postBackChannelLogout = createRoute({
  method: 'post',
  path: '/v1/sign-in/back-channel-logout',
  tags: ['Sign-in'],
  summary: 'For identity providers: somebody signed out there (OpenID Connect Back-Channel Logout 1.0)',
  request: {
    body: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: z.object({ logout_token: z.string() }) } },
    },
  },
  responses: {
    200: { description: 'The sign-ins that the token means are over.' },
    400: json('The token is not to be believed.', z.strictObject({ error: z.literal('invalid_request') })),
  },
});

/** RFC 8628 §3.4. */
const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const grant = z.discriminatedUnion('grant_type', [
  z.strictObject({
    grant_type: z.literal('authorization_code'),
    code: z.string().min(1).max(500),
    code_verifier: z.string().min(1).max(200),
  }),
  z.strictObject({ grant_type: z.literal('refresh_token'), refresh_token: z.string().min(1).max(500) }),
  z.strictObject({ grant_type: z.literal(DEVICE_GRANT), device_code: z.string().min(1).max(500) }),
]);

const tokens = z.strictObject({
  access_token: z.string(),
  token_type: z.literal('DPoP'),
  expires_in: z.int(),
  refresh_token: z.string(),
  person: z.string(),
});

const postToken = createRoute({
  method: 'post',
  path: '/v1/token',
  tags: ['Sign-in'],
  summary: 'A code, or a refresh token, for tokens bound to your key (RFC 9449)',
  description: 'With a `DPoP` proof.',
  request: {
    body: {
      content: {
        'application/json': { schema: grant },
        'application/x-www-form-urlencoded': { schema: grant },
      },
    },
  },
  responses: {
    200: json('A refresh token is used once; the next one comes with it.', tokens),
    400: json(
      'For a device: nobody has let it in yet, or nobody did in time (RFC 8628 §3.5).',
      z.strictObject({ error: z.enum(['authorization_pending', 'expired_token']) }),
    ),
  },
  ...problems('not-signed-in', 'too-many-requests'),
});

const postSignOut = createRoute({
  method: 'post',
  path: '/v1/sign-out',
  tags: ['Sign-in'],
  summary: 'End this sign-in and all its tokens',
  responses: { 204: { description: 'Ended.' } },
});

export const signInRoutes = (kit: PageKit) => {
  const { broker } = kit;
  return routes()
    .openapi(getSignIn, async (c) => {
      const { issuer, ...cli } = c.req.valid('query');
      return pageOnFailure(kit, c, async () => c.redirect(await beginSignIn(broker, { issuer, cli }), 303));
    })
    .openapi(getIssuers, (c) =>
      c.json({ issuers: broker.identityProviders.names.map((name) => ({ name })) }, 200),
    )
    .openapi(postBackChannelLogout, async (c) => {
      try {
        await signOutAsProviderSays(broker, c.req.valid('form').logout_token);
      } catch (error) {
        const isUnbelieved = error instanceof Failure && error.code === 'not-signed-in';
        // §2.8; what failed on our side is told as everywhere, so that the provider tries again.
        if (isUnbelieved) return c.json({ error: 'invalid_request' as const }, 400);
        throw error;
      }
      return c.body(null, 200);
    })
    .openapi(postToken, async (c) => {
      const given = grantGiven(c.req.valid('json'), c.req.valid('form'));
      const call = { proof: c.req.header('dpop') ?? '', method: 'POST', url: `${broker.publicUrl}/v1/token` };
      const made = await tokensFor(broker, call, given);
      if (typeof made === 'string') return c.json({ error: made }, 400);
      return c.json(
        {
          access_token: made.accessToken,
          token_type: 'DPoP' as const,
          expires_in: made.accessTokenSeconds,
          refresh_token: made.refreshToken,
          person: made.signedIn.person,
        },
        200,
      );
    })
    .openapi(postSignOut, async (c) => {
      await signOut(broker, humanOf(c).signedIn);
      return c.body(null, 204);
    });
};

function tokensFor(broker: Broker, call: ProvenCall, given: z.output<typeof grant>) {
  switch (given.grant_type) {
    case 'authorization_code':
      return redeemCode(broker, { ...call, code: given.code, codeVerifier: given.code_verifier });
    case 'refresh_token':
      return refreshTokens(broker, { ...call, refreshToken: given.refresh_token });
    case DEVICE_GRANT:
      return redeemDevice(broker, { ...call, deviceCode: given.device_code });
  }
}

/** Whichever of the two forms the body had; the other is empty, and a call without a body has neither. */
function grantGiven(...bodies: readonly unknown[]): z.output<typeof grant> {
  const given = bodies.map((body) => grant.safeParse(body).data).find((body) => body !== undefined);
  if (given !== undefined) return given;
  throw new Failure('malformed-input', 'The call has no grant in its body.', {
    mend: 'Send `grant_type` and what belongs to it.',
  });
}
