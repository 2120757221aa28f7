import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { beginEnrolment, confirmEnrolment } from '../../app/person/enrol-factor.ts';
import { beginPasskey, confirmPasskey, preparePasskey } from '../../app/person/enrol-passkey.ts';
import { removeFactor } from '../../app/person/remove-factor.ts';
import { type PreparedAct, prepareAct, signingOptions } from '../../app/request/prepare-act.ts';
import type { Actor } from '../../domain/actor.ts';
import { Failure } from '../../domain/errors.ts';
import { actPurpose } from '../../domain/events.ts';
import { humanOf } from '../caller.ts';
import { entries, factorId, line, list, totp } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';
import { givenFactor, preparedAct, registration, shown } from '../schemas/factor.ts';

const params = z.strictObject({ id: factorId });
const paperCode = line(100);

const begunWith = z.strictObject({
  label: line(60),
  enrolment_code: paperCode.optional(),
  recovery_code: paperCode.optional(),
});

const postFactor = createRoute({
  method: 'post',
  path: '/v1/factors',
  tags: ['Factors'],
  summary: 'Begin to enrol an authenticator',
  description:
    'The first factor needs the enrolment code of somebody who vouched for you; a further one a code of one you have, at the confirmation; after a loss, a recovery code. It counts for nothing until it is confirmed, within a quarter of an hour.',
  request: jsonBody(begunWith),
  responses: {
    201: json(
      'Shown once.',
      z.strictObject({ factor: z.string(), otpauth_uri: z.string(), secret: z.string() }),
    ),
  },
  ...problems('refused-by-rule', 'factor-wrong'),
});

const enrolled = json(
  'Enrolled. The recovery codes are shown this once and replace all older ones.',
  z.strictObject({ factor: z.string(), recovery_codes: list(z.string()), entries }),
);

const postConfirmation = createRoute({
  method: 'post',
  path: '/v1/factors/{id}/confirmation',
  tags: ['Factors'],
  summary: 'Show that the authenticator has it',
  request: { params, ...jsonBody(z.strictObject({ code: totp, ...shown })) },
  responses: {
    200: enrolled,
  },
  ...problems('not-found', 'refused-by-rule', 'step-up-needed', 'factor-wrong', 'factor-throttled'),
});

const deleteFactor = createRoute({
  method: 'delete',
  path: '/v1/factors/{id}',
  tags: ['Factors'],
  summary: 'Remove a factor, by showing one; the last one stays',
  request: { params, ...jsonBody(z.strictObject(shown)) },
  responses: { 200: json('Removed.', z.strictObject({ entries })) },
  ...problems('not-found', 'refused-by-rule', 'step-up-needed', 'factor-wrong', 'factor-throttled'),
});

const postPasskey = createRoute({
  method: 'post',
  path: '/v1/passkeys',
  tags: ['Factors'],
  summary: 'Begin to enrol a passkey',
  description:
    'On the same authority as an authenticator with codes. `options` go to `navigator.credentials.create()`. It counts for nothing until it is confirmed, within a quarter of an hour.',
  request: jsonBody(begunWith),
  responses: {
    201: json(
      'To be made.',
      z.strictObject({ factor: z.string(), options: z.record(z.string(), z.unknown()) }),
    ),
  },
  ...problems('refused-by-rule', 'factor-wrong'),
});

const postPasskeyStatement = createRoute({
  method: 'post',
  path: '/v1/passkeys/{id}/statements',
  tags: ['Factors'],
  summary: 'What an older passkey signs for the new one: its very key',
  request: {
    params,
    ...jsonBody(z.strictObject({ registration, factor: factorId.optional() })),
  },
  responses: { 200: json('To be signed.', preparedAct) },
  ...problems('not-found', 'factor-missing', 'factor-wrong'),
});

const postPasskeyConfirmation = createRoute({
  method: 'post',
  path: '/v1/passkeys/{id}/confirmation',
  tags: ['Factors'],
  summary: 'Enrol the passkey that was made',
  request: { params, ...jsonBody(z.strictObject({ registration, ...shown })) },
  responses: { 200: enrolled },
  ...problems(
    'not-found',
    'refused-by-rule',
    'step-up-needed',
    'factor-wrong',
    'factor-throttled',
    'conflict',
  ),
});

const postStatement = createRoute({
  method: 'post',
  path: '/v1/statements',
  tags: ['Factors'],
  summary: 'What you sign with a passkey, for everything that has no statement of its own',
  description:
    '`about`: the grant to open; the factor to enrol or remove; the person to vouch for, to record or whose factors to reset; the reset to confirm. Then send the call itself with `passkey`, the statement in it. It lives five minutes.',
  request: jsonBody(
    z.strictObject({
      purpose: actPurpose.exclude(['request', 'sign-in']),
      about: line(80),
      factor: factorId.optional(),
    }),
  ),
  responses: { 200: json('To be signed.', preparedAct) },
  ...problems('factor-missing'),
});

export const factorRoutes = (broker: Broker) =>
  routes()
    .openapi(postFactor, async (c) => {
      const { actor } = humanOf(c);
      return c.json(await beginEnrolment(broker, actor, begunFrom(c.req.valid('json'))), 201);
    })
    .openapi(postConfirmation, async (c) => {
      const { actor } = humanOf(c);
      const { code, ...factor } = c.req.valid('json');
      const given = { code, ...givenFactor(factor) };
      return c.json(await confirmEnrolment(broker, actor, c.req.valid('param').id, given), 200);
    })
    .openapi(deleteFactor, async (c) => {
      const { actor } = humanOf(c);
      const given = givenFactor(c.req.valid('json'));
      const made = await removeFactor(broker, actor, c.req.valid('param').id, given);
      return c.json({ entries: made }, 200);
    })
    .openapi(postPasskey, async (c) => {
      const { actor } = humanOf(c);
      const { factor, options } = await beginPasskey(broker, actor, begunFrom(c.req.valid('json')));
      // Plain JSON; the copy sheds its readonly marks.
      const copy = structuredClone(options) as Record<string, z.core.util.JSONType>;
      return c.json({ factor, options: copy }, 201);
    })
    .openapi(postPasskeyStatement, async (c) => {
      const { actor } = humanOf(c);
      const given = c.req.valid('json');
      const prepared = await preparePasskey(broker, actor, c.req.valid('param').id, given);
      return c.json(await toSign(broker, actor, prepared), 200);
    })
    .openapi(postPasskeyConfirmation, async (c) => {
      const { actor } = humanOf(c);
      const { registration: made, ...factor } = c.req.valid('json');
      const given = { registration: made, ...givenFactor(factor) };
      return c.json(await confirmPasskey(broker, actor, c.req.valid('param').id, given), 200);
    })
    .openapi(postStatement, async (c) => {
      const { actor } = humanOf(c);
      const prepared = await prepareAct(broker, actor, { ...c.req.valid('json'), digest: null });
      return c.json(await toSign(broker, actor, prepared), 200);
    });

async function toSign(broker: Broker, actor: Actor, { act, digest }: PreparedAct) {
  const passkey = await signingOptions(broker, actor, { factor: act.factor, digest });
  return { statement: act, statement_digest: digest, passkey };
}

function begunFrom({ label, enrolment_code, recovery_code }: z.output<typeof begunWith>) {
  if (enrolment_code !== undefined && recovery_code !== undefined) {
    throw new Failure('malformed-input', 'Send an enrolment code or a recovery code, not both.');
  }
  return { label, enrolmentCode: enrolment_code, recoveryCode: recovery_code };
}
