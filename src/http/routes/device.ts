import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { askForDevice, confirmDevice, deviceAskFor } from '../../app/person/device-asks.ts';
import { iso } from '../../app/views/time.ts';
import { humanOf } from '../caller.ts';
import { time } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';

const postAuthorization = createRoute({
  method: 'post',
  path: '/v1/device-authorization',
  tags: ['Sign-in'],
  summary: 'For a machine without a browser: ask to be signed in from another one (RFC 8628)',
  description:
    'What comes of it may only ask: submit, see and withdraw requests. The tokens will be bound to the key named here.',
  request: jsonBody(
    z.strictObject({
      dpop_jkt: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'is the RFC 7638 thumbprint of a key'),
    }),
  ),
  responses: {
    200: json(
      'Show `user_code` and where to type it; ask `/v1/token` with `device_code` every `interval` seconds.',
      z.strictObject({
        device_code: z.string(),
        user_code: z.string(),
        verification_uri: z.string(),
        verification_uri_complete: z.string(),
        expires_in: z.int(),
        interval: z.int(),
      }),
    ),
  },
});

const device = z.strictObject({
  user_code: z.string(),
  /** The terminal shows the same words. */
  phrase: z.string(),
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  asked_at: time,
  /** Where the sign-in goes on in this browser, once it is confirmed. */
  go_on: z.string(),
});

const params = z.strictObject({ code: z.string().max(20) });

const getAuthorization = createRoute({
  method: 'get',
  path: '/v1/device-authorization/{code}',
  tags: ['Sign-in'],
  summary: 'The machine that waits under a code',
  request: { params },
  responses: { 200: json('What it told of itself is not checked.', device) },
  ...problems('not-found'),
});

const postConfirmation = createRoute({
  method: 'post',
  path: '/v1/device-authorization/{code}/confirmation',
  tags: ['Sign-in'],
  summary: 'Say that the machine is yours',
  request: { params },
  responses: { 200: json('Open `go_on` in this browser; then the machine is signed in.', device) },
  ...problems('not-found'),
});

export const deviceRoutes = (broker: Broker) =>
  routes()
    .openapi(postAuthorization, async (c) => {
      const { dpop_jkt } = c.req.valid('json');
      const from = { address: c.get('address'), userAgent: c.req.header('user-agent') ?? null };
      const asked = await askForDevice(broker, { keyThumbprint: dpop_jkt, ...from });
      return c.json(
        {
          device_code: asked.deviceCode,
          user_code: asked.userCode,
          verification_uri: `${broker.publicUrl}/device`,
          verification_uri_complete: `${broker.publicUrl}/device?code=${asked.userCode}`,
          expires_in: asked.expiresInSeconds,
          interval: asked.pollSeconds,
        },
        200,
      );
    })
    .openapi(getAuthorization, async (c) => {
      const { actor } = humanOf(c);
      return c.json(shown(await deviceAskFor(broker, c.req.valid('param').code), actor.issuer), 200);
    })
    .openapi(postConfirmation, async (c) => {
      const { actor } = humanOf(c);
      const confirmed = await confirmDevice(broker, actor.person, c.req.valid('param').code);
      return c.json(shown(confirmed, actor.issuer), 200);
    });

const shown = (asked: Awaited<ReturnType<typeof deviceAskFor>>, issuer: string) => ({
  user_code: asked.userCode,
  phrase: asked.phrase,
  address: asked.address,
  user_agent: asked.userAgent,
  asked_at: iso(asked.askedAtMs),
  go_on: `/sign-in/device/${issuer}/${asked.userCode}`,
});
