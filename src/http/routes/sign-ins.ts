import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { notFound } from '../../app/grant/find-grant.ts';
import { bySignIn, endSignIn } from '../../app/person/end-sign-in.ts';
import { signInsView } from '../../app/views/sign-ins.ts';
import { idPattern, type SignInId } from '../../domain/ids.ts';
import { humanOf } from '../caller.ts';
import { list, time } from '../fields.ts';
import { json, problems, routes } from '../route.ts';

const signIn = z.strictObject({
  sign_in: z.string(),
  way: z.enum(['command-line', 'browser', 'device', 'passkey']),
  may: z.enum(['everything', 'ask']),
  issuer: z.string(),
  expires_at: time,
  seen_at: time.nullable(),
  address: z.string().nullable(),
  user_agent: z.string().nullable(),
  is_this: z.boolean(),
});

const getSignIns = createRoute({
  method: 'get',
  path: '/v1/sign-ins',
  tags: ['Sign-in'],
  summary: 'Everywhere you are signed in',
  responses: { 200: json('Yours alone, newest first.', z.strictObject({ items: list(signIn) })) },
});

const params = z.strictObject({
  id: z
    .string()
    .regex(idPattern.signIn, 'is no id of a sign-in')
    .transform((id) => id as SignInId)
    .openapi({ type: 'string' }),
});

const postEnd = createRoute({
  method: 'post',
  path: '/v1/sign-ins/{id}/end',
  tags: ['Sign-in'],
  summary: 'End one of your sign-ins, here or elsewhere',
  request: { params },
  responses: { 204: { description: 'Ended: its tokens and cookies are worth nothing.' } },
  ...problems('not-found'),
});

export const signInsRoutes = (broker: Broker) =>
  routes()
    .openapi(getSignIns, async (c) => {
      const { actor } = humanOf(c);
      return c.json({ items: await signInsView(broker, actor.person, actor.signIn) }, 200);
    })
    .openapi(postEnd, async (c) => {
      const { actor, signedIn } = humanOf(c);
      const { id } = c.req.valid('param');
      const theirs = await signInsView(broker, actor.person, actor.signIn);
      // Somebody else's is not found, like one that never was.
      if (!theirs.some(({ sign_in }) => sign_in === id)) throw notFound('sign-in');
      const by = bySignIn(broker, actor.person, signedIn.signIn);
      await endSignIn(broker, { person: actor.person, signIn: id }, { cause: 'person', by });
      return c.body(null, 204);
    });
