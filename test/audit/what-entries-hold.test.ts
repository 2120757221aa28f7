import { expect, test } from 'vitest';
import { catalogue, type EventType } from '../../src/domain/events.ts';

/** What each entry must hold so that a stranger can judge it: plain, and committed to where it can be erased. */
const mustHold: readonly (readonly [EventType, readonly string[], readonly string[]])[] = [
  [
    'countersign.person.authenticated.v1',
    ['issuer', 'groups', 'auth_time_ms', 'acr', 'key_set_digest'],
    ['subject', 'address', 'user_agent', 'id_token'],
  ],
  ['countersign.factor.enrolled.v1', ['factor', 'factor_kind', 'means', 'voucher'], ['label']],
  ['countersign.factor.removed.v1', ['factor', 'proof'], []],
  [
    'countersign.request.submitted.v1',
    [
      'entitlement',
      'policy_digest',
      'rule_digest',
      'scope',
      'parameters',
      'seconds',
      'start_ms',
      'proof',
      'groups',
    ],
    ['justification', 'ticket'],
  ],
  ['countersign.command.refused.v1', ['attempted', 'rule', 'asked'], []],
  ['countersign.ticket.checked.v1', ['request', 'person', 'at', 'facts'], ['ticket']],
  [
    'countersign.request.reviewed.v1',
    ['stage', 'right', 'groups', 'verdict', 'statement', 'statement_digest', 'proof'],
    ['reason'],
  ],
  [
    'countersign.session.opening.v1',
    [
      'groups',
      'policy_digest',
      'parameters',
      'parameters_digest',
      'earliest_end_ms',
      'cosigned_size',
      'proof',
    ],
    ['address'],
  ],
  [
    'countersign.session.opened.v1',
    ['cloud_session', 'provider_request', 'expires_at_ms', 'packed_policy_percent'],
    [],
  ],
  ['countersign.session.failed.v1', ['reason', 'certain', 'settled_by'], []],
  ['countersign.grant.revoke-requested.v1', ['person', 'right', 'channel', 'groups'], ['reason']],
  ['countersign.grant.revoke-confirmed.v1', ['seen', 'milliseconds_between'], []],
  ['countersign.break-glass.used.v1', ['down', 'review_by_ms', 'review_from', 'review_people'], []],
  ['countersign.break-glass.reviewed.v1', ['reviewer', 'verdict', 'statement', 'proof'], ['reason']],
  ['countersign.policy.proposed.v1', ['to_digest', 'text_digest', 'plan', 'plan_digest'], []],
  ['countersign.policy.signed.v1', ['signer', 'groups', 'statement', 'proof'], []],
  ['countersign.policy.published.v1', ['from_digest', 'to_digest', 'signers'], []],
  ['countersign.server.configured.v1', ['configuration', 'digest'], []],
];

/** Who, in which sign-in, on groups how old, by which command and program, decided when. */
const inEach = ['by', 'command', 'program', 'decided_at_ms'];

test.each(mustHold)('%s holds what a stranger judges it by', (type, plain, committed) => {
  const { schema, personal } = catalogue[type];
  const fields = Object.keys(schema.shape);
  expect(fields).toEqual(expect.arrayContaining([...inEach, ...plain, ...committed]));
  expect(personal).toEqual(expect.arrayContaining([...committed]));
  expect(personal.filter((field) => plain.includes(field))).toEqual([]);
});
