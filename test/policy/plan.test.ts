import { describe, expect, test } from 'vitest';
import { PLAN_CHARACTERS } from '../../src/domain/policy/plan/fit-plan.ts';
import { type PlanFacts, planPolicy } from '../../src/domain/policy/plan.ts';
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

test('another address of a group lets nobody in and keeps nobody out', () => {
  const groups = {
    ...samplePolicy.groups,
    engineers: { idp: 'eng', issuer: null, until: null, mail: 'eng@example.com' },
  };
  const plan = planPolicy(samplePolicy, { ...samplePolicy, groups });
  expect(plan.groups).toEqual([]);
  expect(plan.changes.flatMap(({ gains, loses }) => [...gains, ...loses])).toEqual([]);
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

const facts: PlanFacts = {
  nowMs: Date.parse('2026-06-15T12:00:00Z'),
  seen: [],
  isSeenWhole: true,
  open: [],
  catalogue: null,
};
const [ann, ben, cat] = ['a', 'b', 'c'].map((letter) => `p-${letter.repeat(26)}`) as [string, string, string];
const rule = samplePolicy.entitlements['repair'] ?? expect.fail();
const emergency = rule.break_glass ?? expect.fail();

function changeOf(after: Policy, before: Policy = samplePolicy) {
  const plan = planPolicy(before, after, facts);
  const change = plan.changes.find(({ entitlement }) => entitlement === 'repair');
  return { loosened: change?.loosened, tightened: change?.tightened };
}

describe('what becomes looser or tighter is said in words, each the other way round when it is taken back:', () => {
  const withDelegate = {
    ...samplePolicy,
    delegates: [{ for: 'leads', to: 'duty', from: '2026-06-01', until: '2026-07-01' }],
  };
  test.each<readonly [looser: string, Policy, tighter: string]>([
    [
      'needs no review, where 1 of leads decided',
      withEntitlement('repair', { review: null }),
      'needs a review by 1 of leads, where none was needed',
    ],
    [
      'needs no ticket any more',
      withEntitlement('repair', { ticket: null }),
      'needs a ticket of INC that is open',
    ],
    [
      'lasts at most 2h instead of 1h',
      withEntitlement('repair', { at_most_seconds: 7_200 }),
      'lasts at most 1h instead of 2h',
    ],
    [
      'stage 1 escalates to duty after 10m',
      withEntitlement('repair', {
        review: [{ people: 1, from: 'leads', escalate: { after_seconds: 600, to: 'duty' } }],
      }),
      'stage 1 escalates no more',
    ],
    [
      'break-glass lasts 40m instead of 30m',
      withEntitlement('repair', { break_glass: { ...emergency, at_most_seconds: 2_400 } }),
      'break-glass lasts 30m instead of 40m',
    ],
    [
      'break-glass works without witness',
      withEntitlement('repair', { break_glass: { ...emergency, without: ['ticket', 'witness'] } }),
      'break-glass no longer works without witness',
    ],
    [
      'break-glass is reviewed within 2d instead of 1d',
      withEntitlement('repair', {
        break_glass: { ...emergency, review: { ...emergency.review, within_seconds: 172_800 } },
      }),
      'break-glass is reviewed within 1d instead of 2d',
    ],
    [
      'may be decided by duty for leads from 2026-06-01 to 2026-07-01',
      withDelegate,
      'is no longer decided by duty for leads from 2026-06-01 to 2026-07-01',
    ],
  ])('%s', (looser, after, tighter) => {
    expect(changeOf(after)).toEqual({ loosened: [looser], tightened: [] });
    expect(changeOf(samplePolicy, after)).toEqual({ loosened: [], tightened: [tighter] });
  });

  test('fewer people in a stage, and a stage less', () => {
    const before = withEntitlement('repair', {
      review: [
        { people: 2, from: 'leads' },
        { people: 1, from: 'duty' },
      ],
    });
    expect(changeOf(samplePolicy, before).loosened).toEqual([
      'is reviewed in 1 stage instead of 2',
      'stage 1 needs 1 person instead of 2',
    ]);
  });

  test('another group in a stage is looser either way: nobody can tell', () => {
    const after = withEntitlement('repair', { review: [{ people: 1, from: 'duty' }] });
    expect(changeOf(after).loosened).toEqual(['stage 1 is decided by duty instead of leads']);
    expect(changeOf(samplePolicy, after).loosened).toEqual(['stage 1 is decided by leads instead of duty']);
  });

  test.each<readonly [string, Partial<Policy>]>([
    [
      'opening takes no factor instead of a factor (totp)',
      { factors: { request: 'totp', review: 'totp', open: 'none' } },
    ],
    [
      'an approval can be used for 2h instead of 1h',
      { waiting: { review_seconds: 28_800, activation_seconds: 7_200 } },
    ],
    [
      'a start may be asked for 7d ahead, where none could',
      { waiting: { review_seconds: 28_800, activation_seconds: 3_600, schedule_seconds: 604_800 } },
    ],
    ['leads publish instead of admins', { administrators: { from: 'leads', publish_needs: 2 } }],
  ])('for everybody: %s', (says, fields) => {
    expect(planPolicy(samplePolicy, { ...samplePolicy, ...fields }, facts).loosened).toEqual([says]);
  });

  test('a link between two logins that goes lets one human sign twice', () => {
    const linked = { ...samplePolicy, humans: { ann: [ann, ben] } };
    expect(planPolicy(linked, samplePolicy, facts).loosened).toEqual([
      `${ann}, ${ben} no longer counted as ann`,
    ]);
    expect(planPolicy(samplePolicy, linked, facts).tightened).toEqual([`${ann}, ${ben} counted as ann`]);
  });
});

describe('people', () => {
  const seen = [
    { person: ann, issuer: 'corp', idp_groups: ['eng'] },
    { person: ben, issuer: 'corp', idp_groups: ['leads'] },
    { person: cat, issuer: 'corp', idp_groups: ['admins'] },
  ];

  test('who was seen in a group of the provider gains and loses with it', () => {
    const after = withEntitlement('play', { eligible: ['leads'] });
    const plan = planPolicy(samplePolicy, after, { ...facts, seen });
    expect(plan.changes[0]?.people).toEqual({ gain_count: 1, lose_count: 1, gain: [ben], lose: [ann] });
    expect(plan.people_known).toBe('listed-and-seen');
  });

  test('nobody gains what they have by another group already', () => {
    const after = withEntitlement('play', { eligible: ['engineers', 'leads'] });
    const both = [{ person: ann, issuer: 'corp', idp_groups: ['eng', 'leads'] }];
    expect(planPolicy(samplePolicy, after, { ...facts, seen: both }).changes[0]?.people.gain_count).toBe(0);
  });

  test('administrators who come and go are named', () => {
    const after = { ...samplePolicy, administrators: { from: 'leads', publish_needs: 2 } };
    const plan = planPolicy(samplePolicy, after, { ...facts, seen });
    expect(plan.administrators).toEqual({ gain_count: 1, lose_count: 1, gain: [ben], lose: [cat] });
  });

  test('when only the newest were looked at, the plan says so', () => {
    const plan = planPolicy(samplePolicy, samplePolicy, { ...facts, seen, isSeenWhole: false });
    expect(plan.people_known).toBe('listed-and-newest-seen');
  });
});

test('what is open under a rule that changes lapses, and nothing else', () => {
  const open = [
    { kind: 'request', id: 'r-2', entitlement: 'repair' },
    { kind: 'grant', id: 'g-1', entitlement: 'repair' },
    { kind: 'grant', id: 'g-2', entitlement: 'play' },
  ] as const;
  const after = withEntitlement('repair', { at_most_seconds: 60 });
  expect(planPolicy(samplePolicy, after, { ...facts, open }).lapses).toEqual({
    request_count: 1,
    grant_count: 1,
    requests: ['r-2'],
    grants: ['g-1'],
  });
});

test('a plan of a great policy is cut to what can be signed, and its counts stay whole', () => {
  const scope = Array.from({ length: 400 }, (_, at) => ({
    action: `action-with-a-long-name.${at}`,
    resource: 'x',
    access: 'write' as const,
  }));
  const entitlements = Object.fromEntries(
    Array.from({ length: 40 }, (_, at) => [`entitlement-${at}`, { ...rule, scope }]),
  );
  const plan = planPolicy(samplePolicy, { ...samplePolicy, entitlements }, facts);
  expect(JSON.stringify(plan).length).toBeLessThanOrEqual(PLAN_CHARACTERS);
  expect(plan.changes[0]?.actions_gained[0]?.count).toBe(400);
});
