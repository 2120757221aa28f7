import { createRoute, z } from '@hono/zod-openapi';
import type { Broker } from '../../app/broker.ts';
import { beginEnrolment, confirmEnrolment, removeFactor } from '../../app/enrol-factor.ts';
import { Failure } from '../../domain/errors.ts';
import { humanOf } from '../caller.ts';
import { entries, factorId, line, list, totp } from '../fields.ts';
import { json, jsonBody, problems, routes } from '../route.ts';

const params = z.strictObject({ id: factorId });
const paperCode = line(100);

const postFactor = createRoute({
  method: 'post',
  path: '/v1/factors',
  tags: ['Factors'],
  summary: 'Begin to enrol an authenticator',
  description:
    'The first factor needs the enrolment code of somebody who vouched for you; a further one a code of one you have, at the confirmation; after a loss, a recovery code. It counts for nothing until it is confirmed, within a quarter of an hour.',
  request: jsonBody(
    z.strictObject({
      label: line(60),
      enrolment_code: paperCode.optional(),
      recovery_code: paperCode.optional(),
    }),
  ),
  responses: {
    201: json(
      'Shown once.',
      z.strictObject({ factor: z.string(), otpauth_uri: z.string(), secret: z.string() }),
    ),
  },
  ...problems('refused-by-rule', 'factor-wrong'),
});

const postConfirmation = createRoute({
  method: 'post',
  path: '/v1/factors/{id}/confirmation',
  tags: ['Factors'],
  summary: 'Show that the authenticator has it',
  request: { params, ...jsonBody(z.strictObject({ code: totp, totp: totp.optional() })) },
  responses: {
    200: json(
      'Enrolled. The recovery codes are shown this once and replace all older ones.',
      z.strictObject({ factor: z.string(), recovery_codes: list(z.string()), entries }),
    ),
  },
  ...problems('not-found', 'refused-by-rule', 'step-up-needed', 'factor-wrong', 'factor-throttled'),
});

const deleteFactor = createRoute({
  method: 'delete',
  path: '/v1/factors/{id}',
  tags: ['Factors'],
  summary: 'Remove a factor, by showing one; the last one stays',
  request: { params, ...jsonBody(z.strictObject({ totp })) },
  responses: { 200: json('Removed.', z.strictObject({ entries })) },
  ...problems('not-found', 'refused-by-rule', 'factor-wrong', 'factor-throttled'),
});

export const factorRoutes = (broker: Broker) =>
  routes()
    .openapi(postFactor, async (c) => {
      const { actor } = humanOf(c);
      const { label, enrolment_code, recovery_code } = c.req.valid('json');
      if (enrolment_code !== undefined && recovery_code !== undefined) {
        throw new Failure('malformed-input', 'Send an enrolment code or a recovery code, not both.');
      }
      const given = { label, enrolmentCode: enrolment_code, recoveryCode: recovery_code };
      return c.json(await beginEnrolment(broker, actor, given), 201);
    })
    .openapi(postConfirmation, async (c) => {
      const { actor } = humanOf(c);
      const { code, totp: shown } = c.req.valid('json');
      return c.json(
        await confirmEnrolment(broker, actor, c.req.valid('param').id, { code, totp: shown }),
        200,
      );
    })
    .openapi(deleteFactor, async (c) => {
      const { actor } = humanOf(c);
      const made = await removeFactor(broker, actor, c.req.valid('param').id, c.req.valid('json').totp);
      return c.json({ entries: made }, 200);
    });
