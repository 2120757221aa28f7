import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, id, name, text, time_ms } from './fields.ts';

export const logEvents = {
  'countersign.log.genesis.v1': event(
    {
      origin: name,
      log_key: text(400),
      format: z.literal('countersign/log/v1'),
      administrators: z.array(z.strictObject({ person: id, issuer: name })).min(2),
      publish_needs: z.int().min(2),
      factor: z.literal('totp'),
      enrolment_codes: z.array(z.strictObject({ code: id, person: id, expires_at_ms: time_ms })),
    },
    'The log {origin} was begun with {administrators} administrators.',
  ),
  'countersign.server.configured.v1': event(
    { broker: id, configuration: z.record(z.string(), z.json()), digest },
    'Broker {broker} started with configuration {digest}.',
  ),
  'countersign.text.erased.v1': event(
    { entry: z.int().min(0), fields: z.array(name).min(1) },
    'Personal text of entry #{entry} was erased: {fields}.',
    'reason',
  ),
} as const satisfies Record<string, EventSpec>;
