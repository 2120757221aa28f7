import { z } from 'zod';
import { type EventSpec, event } from './event.ts';
import { groups, id, name, text, time_ms } from './fields.ts';
import { authentication, userManagement } from './ocsf.ts';
import { passkey, proof } from './proof.ts';

export const factorEvents = {
  'countersign.factor.vouched.v1': event(
    { person: id, voucher: id, code: id, expires_at_ms: time_ms, proof },
    {
      sentence: '{voucher} vouched for a first factor of {person}, to be enrolled by {expires_at_ms}.',
      ocsf: ({ person }) => userManagement('Update', person, { detail: 'first factor vouched for' }),
    },
  ),
  'countersign.factor.enrolled.v1': event(
    {
      person: id,
      factor: id,
      factor_kind: z.enum(['totp', 'passkey']),
      passkey: passkey.nullable().describe('null: an authenticator with codes, whose seed is in no entry.'),
      means: z.enum(['enrolment-code', 'factor', 'recovery-code']),
      enrolment_code: id.nullable(),
      voucher: id.nullable(),
      recovery_codes: z.int().min(0),
      proof: proof.nullable().describe('Of the factor they had; null: it was enrolled with a code on paper.'),
    },
    {
      sentence:
        '{person} enrolled {factor_kind|totp: the factor|passkey: the passkey} {factor} with {means|enrolment-code: an enrolment code|factor: a factor they had|recovery-code: a recovery code}[; {voucher} had vouched for it].',
      ocsf: ({ person, means }) =>
        userManagement('Enable MFA Factors', person, {
          severity: means === 'recovery-code' ? 'Medium' : 'Informational',
          detail: means,
        }),
    },
    'label',
  ),
  'countersign.factor.removed.v1': event(
    { person: id, factor: id, proof },
    {
      sentence: '{person} removed the factor {factor}.',
      ocsf: ({ person }) => userManagement('Disable MFA Factors', person),
    },
  ),
  /** After a recovery, another human says: that was them. Until then the recovered factor proves nothing. */
  'countersign.factor.recovery-vouched.v1': event(
    { person: id, voucher: id, factor: id, proof },
    {
      sentence: '{voucher} vouched that it was {person} who recovered, with the factor {factor}.',
      ocsf: ({ person }) =>
        userManagement('Update', person, { severity: 'Medium', detail: 'recovery vouched for' }),
    },
  ),
  'countersign.factor.reset-requested.v1': event(
    { person: id, reset: id, requested_by: id, groups, expires_at_ms: time_ms, proof },
    {
      sentence:
        '{requested_by} asked for a reset of the factors of {person}. Somebody else has until {expires_at_ms} to confirm it.',
      ocsf: ({ person }) =>
        userManagement('Update', person, { severity: 'Medium', detail: 'reset of factors asked for' }),
    },
    'reason',
  ),
  /** The second human: every factor of the person is gone, and a first one has to be vouched for again. */
  'countersign.factor.reset.v1': event(
    { person: id, reset: id, requested_by: id, confirmed_by: id, groups, factors: z.array(id), proof },
    {
      sentence:
        '{confirmed_by} confirmed the reset that {requested_by} had asked for: every factor of {person} is gone.',
      ocsf: ({ person }) =>
        userManagement('Disable MFA Factors', person, { severity: 'Medium', detail: 'reset' }),
    },
  ),
  'countersign.factor.used.v1': event(
    {
      person: id,
      factor: id,
      step: z.int().min(0).nullable().describe('The time step of the code; null: a passkey signed.'),
      nonce: text(44).nullable().describe('Of the statement that a passkey signed; null: a code was shown.'),
      counter: z
        .int()
        .min(0)
        .nullable()
        .describe('What the authenticator had counted; 0: it does not count. null: a code was shown.'),
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
        'sign-in',
      ]),
      about: name.nullable().describe('What it was shown for: a request, a grant, a statement’s digest.'),
    },
    {
      sentence:
        '{person} showed the factor {factor}, {purpose|request: to ask for access|review: to review a request|open: to open a session|publish: to sign a policy|enrol: to enrol another|vouch: to vouch for somebody|remove: to remove one|review-break-glass: to judge an emergency|record-leaving: to record that somebody left or is back|reset: to reset somebody’s factors|sign-in: to sign in}. It serves no second time.',
      ocsf: ({ person, purpose }) =>
        authentication('Other', person, { activityName: 'Factor shown', detail: purpose }),
    },
  ),
  'countersign.factor.failed.v1': event(
    { person: id, purpose: name, failures: z.int().min(1) },
    {
      sentence: '{person} gave a wrong or spent code: number {failures} within a quarter of an hour.',
      ocsf: ({ person, purpose }) =>
        authentication('Other', person, {
          activityName: 'Factor shown',
          status: 'Failure',
          severity: 'Medium',
          detail: purpose,
        }),
    },
  ),
} as const satisfies Record<string, EventSpec>;
