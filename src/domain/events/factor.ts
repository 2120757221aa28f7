import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { groups, id, name, proof, time_ms } from './fields.ts';

export const factorEvents = {
  'countersign.factor.vouched.v1': event(
    { person: id, voucher: id, code: id, expires_at_ms: time_ms, proof },
    '{voucher} vouched for a first factor of {person}.',
  ),
  'countersign.factor.enrolled.v1': event(
    {
      person: id,
      factor: id,
      factor_kind: z.literal('totp'),
      means: z.enum(['enrolment-code', 'factor', 'recovery-code']),
      enrolment_code: id.nullable(),
      voucher: id.nullable(),
      recovery_codes: z.int().min(0),
    },
    '{person} enrolled the factor {factor} by {means}.',
    'label',
  ),
  'countersign.factor.removed.v1': event(
    { person: id, factor: id, proof },
    '{person} removed the factor {factor}.',
  ),
  /** After a recovery, another human says: that was them. Until then the recovered factor proves nothing. */
  'countersign.factor.recovery-vouched.v1': event(
    { person: id, voucher: id, factor: id, proof },
    '{voucher} vouched that {person} themselves recovered the factor {factor}.',
  ),
  'countersign.factor.reset-requested.v1': event(
    { person: id, reset: id, requested_by: id, groups, expires_at_ms: time_ms, proof },
    '{requested_by} asked to reset the factors of {person}.',
    'reason',
  ),
  /** The second human: every factor of the person is gone, and a first one has to be vouched for again. */
  'countersign.factor.reset.v1': event(
    { person: id, reset: id, requested_by: id, confirmed_by: id, groups, factors: z.array(id), proof },
    '{confirmed_by} confirmed the reset of the factors of {person}, asked for by {requested_by}.',
  ),
  'countersign.factor.used.v1': event(
    {
      person: id,
      factor: id,
      step: z.int().min(0),
      purpose: z.enum([
        'request',
        'review',
        'open',
        'publish',
        'enrol',
        'vouch',
        'remove',
        'review-break-glass',
        'record-leaving',
        'reset',
      ]),
      /** What it was shown for: a request, a grant, a statement's digest. */
      about: name.nullable(),
    },
    '{person} showed {factor} for {purpose}; that code is spent.',
  ),
  'countersign.factor.failed.v1': event(
    { person: id, purpose: name, failures: z.int().min(1) },
    '{person} gave a wrong or spent code ({failures} within a quarter of an hour).',
  ),
} as const satisfies Record<string, EventSpec>;
