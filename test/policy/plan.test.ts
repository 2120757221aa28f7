import { expect, test } from 'vitest';
import { planPolicy } from '../../src/domain/policy/plan.ts';
import type { Policy } from '../../src/domain/policy/policy.ts';
import { canonicalize } from '../../src/log/canonical-json.ts';
import { samplePolicy, withEntitlement } from './sample-policy.ts';

const nobody = { gain_count: 0, lose_count: 0, gain: [], lose: [] };
const nothing = {
  changes: [],
  groups: [],
  sections: [],
  administrators_changed: false,
  auditors_changed: false,
  administrators: nobody,
  auditors: nobody,
  loosened: [],
  tightened: [],
  people_known: 'listed',
  lapses: null,
  catalogue: null,
};

test('a policy over itself changes nothing', () => {
  expect(planPolicy(samplePolicy, structuredClone(samplePolicy))).toEqual(nothing);
});

test('the first policy adds every entitlement, in order of their names', () => {
  const plan = planPolicy(null, samplePolicy);
  expect(plan.changes.map(({ entitlement, kind }) => [entitlement, kind])).toEqual([
    ['ledger', 'added'],
    ['play', 'added'],
    ['repair', 'added'],
  ]);
  expect(plan.changes[2]).toEqual({
    entitlement: 'repair',
    kind: 'added',
    gains: ['deploy', 'engineers'],
    loses: [],
    people: nobody,
    permissions_gained: 2,
    permissions_lost: 0,
    actions_gained: [
      { access: 'read', count: 1, actions: ['batches.read'] },
      { access: 'destructive', count: 1, actions: ['batches.delete'] },
    ],
    actions_lost: [],
    loosened: [],
    tightened: [],
    fields: [],
  });
  expect(plan.administrators_changed).toBe(true);
});

test('an entitlement taken out loses everybody', () => {
  const { play, ...entitlements } = samplePolicy.entitlements;
  expect(play).toBeDefined();
  expect(planPolicy(samplePolicy, { ...samplePolicy, entitlements })).toEqual({
    ...nothing,
    changes: [
      {
        entitlement: 'play',
        kind: 'removed',
        gains: [],
        loses: ['engineers'],
        people: nobody,
        permissions_gained: 0,
        permissions_lost: 1,
        actions_gained: [],
        actions_lost: [{ access: 'write', count: 1, actions: ['*'] }],
        loosened: [],
        tightened: [],
        fields: [],
      },
    ],
    sections: ['entitlements'],
  });
});

test('who gains and who loses is told apart, with the fields that differ', () => {
  const after = withEntitlement('play', { eligible: ['leads'], at_most_seconds: 60 });
  expect(planPolicy(samplePolicy, after).changes).toEqual([
    {
      entitlement: 'play',
      kind: 'changed',
      gains: ['leads'],
      loses: ['engineers'],
      people: nobody,
      permissions_gained: 0,
      permissions_lost: 0,
      actions_gained: [],
      actions_lost: [],
      loosened: [],
      tightened: ['lasts at most 1m instead of 8h'],
      fields: ['at_most_seconds', 'eligible', 'groups'],
    },
  ]);
});

test('a group that now means other people both gains and loses, wherever it may ask', () => {
  const groups = { ...samplePolicy.groups, engineers: { idp: 'everybody', issuer: null, until: null } };
  const plan = planPolicy(samplePolicy, { ...samplePolicy, groups });
  expect(plan.groups).toEqual(['engineers']);
  expect(plan.changes.map(({ entitlement, gains, loses }) => [entitlement, gains, loses])).toEqual([
    ['ledger', ['engineers'], ['engineers']],
    ['play', ['engineers'], ['engineers']],
    ['repair', ['engineers'], ['engineers']],
  ]);
});

test('a permission whose access changed is counted as gained and as lost', () => {
  const after = withEntitlement('play', { scope: [{ action: '*', resource: '*', access: 'destructive' }] });
  expect(planPolicy(samplePolicy, after).changes[0]).toMatchObject({
    permissions_gained: 1,
    permissions_lost: 1,
    fields: ['scope'],
  });
});

test.each<readonly [string, Partial<Policy>]>([
  ['another group', { administrators: { from: 'leads', publish_needs: 2 } }],
  ['another number', { administrators: { from: 'admins', publish_needs: 3 } }],
  [
    'another meaning of their group',
    { groups: { ...samplePolicy.groups, admins: { idp: 'all', issuer: null, until: null } } },
  ],
])('administrators have changed with %s', (_, fields) => {
  expect(planPolicy(samplePolicy, { ...samplePolicy, ...fields }).administrators_changed).toBe(true);
});

test('auditors have changed when there are some now', () => {
  const plan = planPolicy(samplePolicy, { ...samplePolicy, auditors: { from: 'leads' } });
  expect(plan).toEqual({ ...nothing, sections: ['auditors'], auditors_changed: true });
});

test('a plan is the same JSON whatever order the names were written in', () => {
  const reversed = {
    ...samplePolicy,
    entitlements: Object.fromEntries(Object.entries(samplePolicy.entitlements).reverse()),
  };
  const spell = (policy: Policy) => canonicalize(JSON.parse(JSON.stringify(planPolicy(null, policy))));
  expect(spell(reversed)).toBe(spell(samplePolicy));
});
