import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { digest, id, name, text, time_ms } from './fields.ts';
import { entityManagement } from './ocsf.ts';

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
    {
      sentence:
        'The log {origin} was begun. Its administrators are {administrators.person}; {publish_needs} of them must sign a policy.',
      ocsf: ({ origin }) => entityManagement('Create', 'log', origin),
    },
  ),
  'countersign.server.configured.v1': event(
    { broker: id, configuration: z.record(z.string(), z.json()), digest },
    {
      sentence: 'Broker {broker} started, with configuration {digest}.',
      ocsf: ({ broker, digest }) => entityManagement('Activate', 'broker', broker, { detail: digest }),
    },
  ),
  'countersign.text.erased.v1': event(
    { entry: z.int().min(0), fields: z.array(name).min(1) },
    {
      sentence: 'Personal text of entry #{entry} was erased: {fields}.',
      ocsf: ({ entry }) =>
        entityManagement('Update', 'log entry', String(entry), { detail: 'personal text erased' }),
    },
    'reason',
  ),
} as const satisfies Record<string, EventSpec>;
