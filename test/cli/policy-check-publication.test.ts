import { expect, test } from 'vitest';
import { checkPublication, type PreparedPublication } from '../../src/cli/policy/check-publication.ts';
import { digestOf } from '../../src/domain/digest.ts';
import type { PublishStatement } from '../../src/domain/events.ts';
import { base64 } from '../../src/log/bytes.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';

const plan = {
  changes: [],
  groups: ['leads'],
  sections: ['groups'],
  administrators_changed: false,
  auditors_changed: false,
  administrators: { gain_count: 0, lose_count: 0, gain: [], lose: [] },
  auditors: { gain_count: 0, lose_count: 0, gain: [], lose: [] },
  loosened: ['opening takes no factor instead of a factor (totp)'],
  tightened: [],
  people_known: 'listed' as const,
  lapses: null,
  catalogue: null,
};
const other = digestOf(nodeHasher, 'another policy');
const meant = {
  proposal: '01KAJ4ZZZZZZZZZZZZZZZZZZZZ',
  to_digest: digestOf(nodeHasher, 'policy'),
  signer: `p-${'a'.repeat(26)}`,
};
const honest: PublishStatement = {
  purpose: 'publish',
  proposal: meant.proposal,
  from_digest: null,
  to_digest: meant.to_digest,
  plan_digest: digestOf(nodeHasher, plan),
  signer: meant.signer,
  factor: 'f-01KAJ4ZZZZZZZZZZZZZZZZZZZZ',
  nonce: base64(new Uint8Array(32)),
  expires_at_ms: 1_800_000_000_000,
  log: { origin: 'log.example.com/tests', size: 7, root: base64(new Uint8Array(32)) },
};

/** With a digest that fits whatever it says, as a broker that lies well would send it. */
const prepared = (change: Partial<PublishStatement> = {}): PreparedPublication => {
  const statement = { ...honest, ...change };
  return { statement, statement_digest: digestOf(nodeHasher, statement), plan };
};

const refusal = (given: PreparedPublication): unknown => {
  try {
    return checkPublication(given, meant);
  } catch (error) {
    return error;
  }
};

test('a statement over the policy and the plan that were shown is signed as it is', () => {
  expect(checkPublication(prepared(), meant)).toEqual({ statement: honest, plan });
});

test.each([
  ['another policy', prepared({ to_digest: other })],
  ['another plan than it shows', { ...prepared(), plan: { ...plan, administrators_changed: true } }],
  ['a plan that hides what became looser', { ...prepared(), plan: { ...plan, loosened: [] } }],
  ['another proposal', prepared({ proposal: '01KAJ5ZZZZZZZZZZZZZZZZZZZZ' })],
  ['another signer', prepared({ signer: `p-${'b'.repeat(26)}` })],
  ['a digest of something else', { ...prepared(), statement_digest: other }],
  ['another purpose', { ...prepared(), statement: { ...honest, purpose: 'review' } }],
  ['a field that nobody knows', { ...prepared(), statement: { ...honest, more: 1 } }],
  ['no statement at all', { ...prepared(), statement: null }],
])('a statement with %s is not signed, and the command ends with 7', (_what, given) => {
  expect(refusal(given)).toMatchObject({ name: 'Ending', code: 7 });
});
