import { createRoute, z } from '@hono/zod-openapi';
import { beginPasskeySignIn, signInWithPasskey } from '../../app/person/sign-in-with-passkey.ts';
import { assertion as signature } from '../../domain/events.ts';
import { requireSameOrigin } from '../middleware/same-origin.ts';
import type { PageKit } from '../page-kit.tsx';
import type { HttpParts } from '../parts.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { browserCookies } from './web-sign-in.tsx';

const postChallenge = createRoute({
  method: 'post',
  path: '/v1/sign-in/passkey/challenge',
  tags: ['Sign-in'],
  summary: 'For a browser in an outage of its identity provider: what a passkey is to sign',
  responses: {
    200: json(
      'For `navigator.credentials.get()`, with user verification. Good once, for five minutes. `sealed` goes back with what was signed.',
      z.strictObject({ challenge: z.string(), rp_id: z.string(), sealed: z.string() }),
    ),
  },
});

const postPasskey = createRoute({
  method: 'post',
  path: '/v1/sign-in/passkey',
  tags: ['Sign-in'],
  summary: 'Sign a browser in by a passkey alone, while the identity provider does not answer',
  description:
    'For people whom the policy names for that case. Good for breaking the glass; over when the provider answers again.',
  request: jsonBody(
    signature.extend({
      sealed: z
        .string()
        .regex(/^[A-Za-z0-9_-]+$/, 'is unpadded base64url')
        .max(2_000),
    }),
  ),
  responses: { 204: { description: 'Signed in, by the cookie that comes with it.' } },
  ...problems('not-signed-in', 'refused-by-rule'),
});

export const passkeySignInRoutes = (kit: PageKit, parts: Pick<HttpParts, 'browserIdleMs'>) => {
  const { broker } = kit;
  const browser = browserCookies(kit, parts);
  return routes()
    .openapi(postChallenge, async (c) => {
      requireSameOrigin(c, broker.publicUrl);
      const begun = await beginPasskeySignIn(broker);
      return c.json({ ...begun, rp_id: new URL(broker.publicUrl).hostname }, 200);
    })
    .openapi(postPasskey, async (c) => {
      requireSameOrigin(c, broker.publicUrl);
      const from = { address: c.get('address'), userAgent: c.req.header('user-agent') ?? null };
      const { sealed, ...assertion } = c.req.valid('json');
      await browser.signedIn(c, await signInWithPasskey(broker, { assertion, sealed, ...from }));
      return c.body(null, 204);
    });
};
