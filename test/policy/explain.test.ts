import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { explainEntitlement, type Listener } from '../../src/domain/policy/explain.ts';
import { projectFile, samplePolicy, soundPolicy, withEntitlement } from './sample-policy.ts';

const nowMs = Date.parse('2026-12-24T10:00:00Z');
const example = (name: string) => {
  const path = `examples/${name}/countersign.yaml`;
  return soundPolicy(projectFile(path), (file) => projectFile(`${dirname(path)}/${file}`));
};

/** What is said about one thing, as one text. */
function told(
  policy: Parameters<typeof explainEntitlement>[0],
  entitlement: string,
  about: string,
  listener: Listener = { groups: null, nowMs },
): string {
  const explained = explainEntitlement(policy, entitlement, listener) ?? expect.fail();
  return explained.find((one) => one.about === about)?.says.join(' ') ?? '';
}

test('stages are told in their order, with who may as well after a while, and who stands in these days', () => {
  expect(told(example('bank'), 'ledger-repair', 'who decides')).toMatch(
    /^First 2 of core-leads\. Then 1 of risk-officers\. From 2026-12-21 to 2027-01-05 \(UTC\) risk-deputies may in the place of risk-officers\./,
  );
  expect(told(example('scale-up'), 'data-operator', 'who decides')).toContain(
    '1 of leads; after 10m of waiting anybody of on-call may as well.',
  );
});

test('delegates whose days are over are told no more', () => {
  const later = { groups: null, nowMs: Date.parse('2027-02-01T00:00:00Z') };
  expect(told(example('bank'), 'ledger-repair', 'who decides', later)).not.toContain('risk-deputies');
});

test('several places, parameters, outages and the people named for them are told', () => {
  const bank = example('bank');
  expect(told(bank, 'ledger-operator', 'what')).toContain('on ledger-de, ledger-fr; a request says which');
  expect(told(bank, 'payment-look', 'they need')).toContain(
    'The payment number, as payment: text that fits ^[A-Z]{2}',
  );
  expect(told(bank, 'ledger-operator', 'emergency')).toContain('only p-orugs4zanfzsa3tponuw4zzamf');
});

test('what is granted at once, needs no ticket and has no break-glass is told so', () => {
  expect(told(samplePolicy, 'play', 'who decides')).toBe(
    'Nobody: it is granted at once (`review: not-required`).',
  );
  expect(told(samplePolicy, 'play', 'they need')).toContain('No ticket.');
  expect(told(samplePolicy, 'play', 'emergency')).toContain('There is no break-glass');
});

test.each<readonly [groups: readonly string[], says: string]>([
  [['core-engineers'], 'You may ask, being in core-engineers.'],
  [
    ['risk-deputies'],
    'You may not ask: you are in risk-deputies, and it takes core-engineers. You may decide stage 2, standing in for its group.',
  ],
  [['core-leads'], 'You may decide stage 1, for others than yourself.'],
  [[], 'You may not ask: you are in none of its groups'],
])('to somebody in %j it says: %s', (groups, says) => {
  expect(told(example('bank'), 'ledger-repair', 'you', { groups, nowMs })).toContain(says);
});

test('nobody eligible, and a rule with a hole in it', () => {
  expect(told(withEntitlement('repair', { eligible: [] }), 'repair', 'who may ask')).toBe(
    'Nobody: `eligible` is empty.',
  );
  expect(
    explainEntitlement(withEntitlement('repair', { ticket: 'gone' }), 'repair', { groups: null, nowMs }),
  ).toBeUndefined();
});
